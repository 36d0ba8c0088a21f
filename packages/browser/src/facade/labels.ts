// What the facade says, in the language of the page.
import type { Labels } from '../types.ts';

/** Each language: open, close, loading, failed. */
const TEXTS: Readonly<Record<string, string>> = {
  en: 'Open chat|Close chat|Opening chat…|No connection. Try again.',
  de: 'Chat öffnen|Chat schließen|Chat öffnet…|Keine Verbindung. Noch einmal?',
  es: 'Abrir chat|Cerrar chat|Abriendo chat…|Sin conexión. ¿Otra vez?',
  fr: 'Ouvrir le chat|Fermer le chat|Ouverture du chat…|Pas de connexion. Réessayer ?',
};

/** The page's own labels, and for what it leaves out those of the language; English where we do not speak that. */
export const labelsFor = (own: Labels, language: string): Required<Labels> => {
  const texts = TEXTS[language.slice(0, 2).toLowerCase()] ?? (TEXTS['en'] as string);
  const [open, close, loading, failed] = texts.split('|') as [string, string, string, string];
  return { open, close, loading, failed, ...own };
};
