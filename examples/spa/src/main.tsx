import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Rookery } from 'rookery-client';
import { RookeryProvider } from 'rookery-client/react';
import { App } from './App';
import './styles.css';

const url = `${import.meta.env.VITE_ROOKERY_URL ?? 'http://127.0.0.1:8000'}/graphql`;

createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <RookeryProvider rookery={new Rookery({ url })}>
      <App />
    </RookeryProvider>
  </StrictMode>,
);
