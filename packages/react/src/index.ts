// The face of the package: a provider for an app with one guest, and a hook.
export { GenesysGuestProvider, type GenesysGuestProviderProps } from './provider.ts';
export { type GuestOptions, type GuestState, useGenesysGuest } from './use-genesys-guest.ts';
