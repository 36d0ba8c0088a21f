// A page with a help button that comes and goes, in StrictMode, which mounts everything twice.
import { GenesysGuestProvider, useGenesysGuest } from '@genesys-guest/react';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

const Help = () => {
  const { session, error } = useGenesysGuest();
  if (error) return <p role="alert">No chat today ({error.code}).</p>;
  return (
    <button type="button" disabled={!session} onClick={() => session.open().catch(console.warn)}>
      Ask us
    </button>
  );
};

const App = () => {
  const [shown, setShown] = useState(true);
  return (
    <main>
      <button type="button" onClick={() => setShown(!shown)}>
        {shown ? 'Leave' : 'Come back'}
      </button>
      {shown && (
        <GenesysGuestProvider endpoint="/chat">
          <Help />
        </GenesysGuestProvider>
      )}
    </main>
  );
};

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
