// Writes tables and pages of Markdown.

/** Text of a cell: VitePress takes `<` outside of code for HTML, and a line break ends the table. */
const cell = (text) =>
  String(text ?? '')
    .replaceAll('|', '\\|')
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;')))
    .join('')
    .replaceAll(/\s*\n\s*/g, ' ');

export const table = (heads, rows) => {
  if (rows.length === 0) throw new Error(`A table without rows: ${heads.join(', ')}`);
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
};

export const code = (text) => (text ? `\`${text}\`` : '');

export const page = (title, intro, ...sections) =>
  `---\neditLink: false\n---\n\n# ${title}\n\n${intro}\n\n${sections.join('\n\n')}\n`;

export const section = (title, ...parts) => [`## ${title}`, ...parts].join('\n\n');
