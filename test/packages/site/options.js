// Options of a site whose Genesys Cloud is the emulator, in production as in development.
export const options = () => ({
  region: 'eu-west-1',
  webchatId: 'c3b1d6f2-0f55-4a39-9f0e-6f1c1f0b7a11',
  clientId: 'emulator-client',
  clientSecret: 'emulator-secret',
  secrets: ['a secret of thirty-two characters or more'],
  endpoints: JSON.parse(process.env.ENDPOINTS),
  logger: console,
});
