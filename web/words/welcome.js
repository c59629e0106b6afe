// Signing in and up.

export const welcomeWords = {
  short: 'Welcome',
  title: 'Short words, the moment they land.',
  text: 'Rookery is a social network of 280 characters, live, on one GraphQL API.',
  enter: 'Sign in or sign up',
  demo: 'Look around as demo',
  demoHint: 'One click, on this development server.',
  signInTitle: 'Sign in',
  signUpTitle: 'Join Rookery',
  signIn: 'Sign in',
  signUp: 'Sign up',
  hasAccount: 'You have an account?',
  noAccount: 'New here?',
  login: 'Handle or e-mail address',
  password: 'Password',
  passwordHint: '8 characters or more',
  name: 'Name',
  handle: 'Handle',
  handleHint: 'Letters, digits and underscores, 15 at most',
  email: 'E-mail address',
  look: 'Look around without an account',
};
