// The guide as a site: searched without a server, light and dark, nothing from another host, and no dead link.
import { defineConfig } from 'vitepress';
import { sidebar } from './sidebar.js';

export default defineConfig({
  title: 'genesys-guest',
  description: 'Web messaging guests for Genesys Cloud, on any Express site.',
  lang: 'en',
  // Pages under reference/ come and go with the source; README files of dependencies are no pages.
  srcExclude: ['node_modules/**'],
  ignoreDeadLinks: false,
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
