// Runs the site on your own organisation: GENESYSCLOUD_REGION and the other variables of the README say which.
import { createSite } from './server.js';

const { app } = await createSite();
const port = Number(process.env.PORT ?? 3000);
app.listen(port, () => console.log(`http://localhost:${port}`));
