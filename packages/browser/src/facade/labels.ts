// What the facade says, in the language of the page.
import type { Labels } from '../types.ts';

const NAMES = ['open', 'close', 'loading', 'failed'] as const;

/** Each language's, in that order. */
const TEXTS: Readonly<Record<string, string>> = {
  en: 'Open chat|Close chat|Opening chat…|No connection. Try again.',
  de: 'Chat öffnen|Chat schließen|Chat öffnet…|Keine Verbindung. Noch einmal?',
  es: 'Abrir chat|Cerrar chat|Abriendo chat…|Sin conexión. ¿Otra vez?',
  fr: 'Ouvrir le chat|Fermer le chat|Ouverture du chat…|Pas de connexion. Réessayer ?',
};

/** The page's own label, and where it has none that of the language; English where we do not speak that. */
export const labelOf = (own: Labels, language: string, name: keyof Labels): string => {
  const texts = TEXTS[language.slice(0, 2).toLowerCase()] ?? (TEXTS['en'] as string);
  return own[name] ?? (texts.split('|')[NAMES.indexOf(name)] as string);
};
