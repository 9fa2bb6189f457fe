/** The settings file if neither `--config` nor `LASTGOOD_CONFIG` names one. */
export const DEFAULT_CONFIG = '/etc/lastgood/lastgood.yaml';
