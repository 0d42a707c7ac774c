#!/bin/sh
# Starts TensorBoard in the background on what `retrain` wrote, and says where it is.
# Settings are shell variables, LOGDIR and PORT, or flags:  sh tensorboard.sh --port 7007
set -eu
caller=$(pwd -P)
CDPATH='' cd -P -- "$(dirname -- "$0")"
. scripts/setup.sh
setup ""

# From here on folders are the caller's: tf_files where there is one, else the one beside this.
summaries=$PWD/tf_files/training_summaries
cd "$caller"
[ ! -d tf_files/training_summaries ] || summaries=tf_files/training_summaries
exec poets tensorboard --logdir "${LOGDIR:-$summaries}" --port "${PORT:-6006}" "$@"
