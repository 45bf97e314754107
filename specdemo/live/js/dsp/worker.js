/** The worker of the Explorer. */

import { explore } from "./explore.js";
import { ownPort, serveRuns } from "./serve.js";

/** Answer the messages of a port, whose input are sounds. @param {Port} port */
export function serve(port) {
  serveRuns(port, explore, "There is no sound yet.");
}

if (ownPort()) serve(ownPort());
