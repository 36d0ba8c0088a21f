// Serves the page: all that this example is about stands in `public`.
import { fileURLToPath } from 'node:url';
import { startOnLoopback } from '@genesys-guest/example-host';
import express from 'express';

const pages = fileURLToPath(new URL('public', import.meta.url));

export const startSite = (port) => startOnLoopback((app) => app.use(express.static(pages)), port);
