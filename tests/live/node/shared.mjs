// What Python and JavaScript both know, as the JavaScript says it: JSON for test_shared.py.

import { CONTROLS, FACES, SETTINGS } from "../../../specdemo/live/figures/explorer/settings.js";
import { ONE_STRAY_IN, SLACK } from "../../../specdemo/live/js/dsp/bounds.js";
import { DEFAULTS } from "../../../specdemo/live/js/dsp/explore.js";
import { LOWEST_DB } from "../../../specdemo/live/js/dsp/level.js";
import { CHOICES, LEAST_WHOLE } from "../../../specdemo/live/js/dsp/limits.js";
import { EM_FLOOR } from "../../../specdemo/live/js/dsp/em.js";
import { CORRECTION_FLOOR } from "../../../specdemo/live/js/dsp/mel.js";
import { BEST_DB } from "../../../specdemo/live/js/dsp/metrics.js";
import { ESTIMATE_FLOOR, NOLA_TOLERANCE, WINDOWS } from "../../../specdemo/live/js/dsp/stft.js";
import { LOG_FLOOR } from "../../../specdemo/live/js/dsp/timescale.js";
import { COLORMAPS } from "../../../specdemo/live/js/parts/colormaps.js";
import { colorTable } from "../../../specdemo/live/js/parts/colours.js";
import { HIGHEST_PLAYED, LOWEST_PLAYED } from "../../../specdemo/live/js/parts/played.js";
import { FILE_SECONDS } from "../../../specdemo/live/js/parts/sounds.js";

const entries = Object.entries(CONTROLS);
const having = (key) => Object.fromEntries(
  entries.filter(([, control]) => control[key]).map(([name, control]) => [name, control[key]]));

console.log(JSON.stringify({
  settings: SETTINGS,
  options: Object.fromEntries(
    Object.entries(having("options")).map(([name, words]) => [name, Object.keys(words)])),
  limits: having("limits"),
  steps: Object.keys(FACES),
  faces: Object.fromEntries(
    Object.entries(FACES).map(([step, { groups }]) => [step, Object.values(groups).flat()])),
  defaults: DEFAULTS, choices: CHOICES, least_whole: LEAST_WHOLE, windows: Object.keys(WINDOWS),
  colours: Object.fromEntries(Object.entries(COLORMAPS).map(([name, colors]) => [name, colorTable(colors)])),
  numbers: {
    LOWEST_DB, BEST_DB, NOLA_TOLERANCE, ESTIMATE_FLOOR, LOWEST_PLAYED, HIGHEST_PLAYED, FILE_SECONDS,
    EM_FLOOR, CORRECTION_FLOOR, LOG_FLOOR, SLACK, ONE_STRAY_IN,
  },
}));
