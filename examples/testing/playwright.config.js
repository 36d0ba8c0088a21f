// Where Playwright finds its tests and, where CHROMIUM says so, its browser.
module.exports = {
  testMatch: '*.playwright.js',
  use: { launchOptions: { executablePath: process.env.CHROMIUM } },
};
