// The guide as a site: searched without a server, light and dark, nothing from another host, and no dead link.
import { defineConfig } from 'vitepress';
import { reference } from './reference.js';
import { sidebar } from './sidebar.js';

export default defineConfig({
  title: 'genesys-guest',
  description: 'Web messaging guests for Genesys Cloud, on any Express site.',
  lang: 'en',
  // Without it browsers ask for /favicon.ico.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  // TypeDoc's list of packages is in the sidebar.
  srcExclude: ['node_modules/**', 'reference/api/README.md'],
  ignoreDeadLinks: false,
  markdown: {
    // Readable by everyone (WCAG AA), in both.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    languageAlias: { mjs: 'js' },
  },
  themeConfig: {
    sidebar: [...sidebar, ...reference],
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
