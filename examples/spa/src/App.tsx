import { useConnection, useNotifications, useRookery, useSignedIn } from 'rookery-client/react';
import { Composer } from './Composer';
import { Home } from './Home';
import { SignIn } from './SignIn';

export function App() {
  return <main>{useSignedIn() ? <SignedIn /> : <SignIn />}</main>;
}

function SignedIn() {
  const rookery = useRookery();
  const { unreadCount } = useNotifications();
  const isLost = useConnection() === 'lost';
  return (
    <>
      <header>
        <h1>Home</h1>
        <span>{unreadCount} new notifications</span>
        <button type="button" onClick={() => void rookery.signOut().catch(() => {})}>
          Sign out
        </button>
      </header>
      {isLost && <p role="status">Connection lost. Trying again …</p>}
      <Composer />
      <Home />
    </>
  );
}
