// What the facade says, in the language of the page.
import type { Labels } from '../types.ts';

const NAMES = ['open', 'close', 'loading', 'failed'] as const;

/** Each language's, in that order. */
const TEXTS: Readonly<Record<string, string>> = {
  en: 'Open chat|Close chat|Opening chat…|Chat not available. Try again.',
  de: 'Chat öffnen|Chat schließen|Chat öffnet…|Chat nicht verfügbar. Noch einmal?',
  es: 'Abrir chat|Cerrar chat|Abriendo chat…|Chat no disponible. ¿Otra vez?',
  fr: 'Ouvrir le chat|Fermer le chat|Ouverture du chat…|Chat indisponible. Réessayer ?',
};

/** The page's own label, and where it has none that of the language; English where we do not speak that. */
export const labelOf = (own: Labels, language: string, name: keyof Labels): string => {
  const texts = TEXTS[language.slice(0, 2).toLowerCase()] ?? (TEXTS['en'] as string);
  return own[name] ?? (texts.split('|')[NAMES.indexOf(name)] as string);
};
