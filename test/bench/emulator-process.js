// The platform in a process of its own, without a limit, so that its cost is not counted as ours.
import { startEmulator } from '@genesys-guest/emulator';

const { endpoints } = await startEmulator({ rateLimit: Number.POSITIVE_INFINITY });
process.send({ endpoints });
