// All that the mathematics exports, under one name.

export * from "../../../specdemo/live/js/dsp/arrays.js";
export * from "../../../specdemo/live/js/dsp/banks.js";
export * from "../../../specdemo/live/js/dsp/explore.js";
export * from "../../../specdemo/live/js/dsp/fft.js";
export * from "../../../specdemo/live/js/dsp/level.js";
export * from "../../../specdemo/live/js/dsp/limits.js";
export * from "../../../specdemo/live/js/dsp/em.js";
export * from "../../../specdemo/live/js/dsp/mel.js";
export * from "../../../specdemo/live/js/dsp/melbank.js";
export * from "../../../specdemo/live/js/dsp/melscale.js";
export * from "../../../specdemo/live/js/dsp/metrics.js";
export * from "../../../specdemo/live/js/dsp/mfcc.js";
export * from "../../../specdemo/live/js/dsp/phase.js";
export * from "../../../specdemo/live/js/dsp/refine.js";
export * from "../../../specdemo/live/js/dsp/stft.js";
export * from "../../../specdemo/live/js/dsp/timescale.js";
export * from "../../../specdemo/live/js/dsp/worker.js";
