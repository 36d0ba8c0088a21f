// The bootstrap script, as a page loads it.
export {};
