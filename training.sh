#!/bin/sh
# One command that does everything: sets itself up, gets pictures, retrains, labels one picture.
# Settings are shell variables: IMAGE_DIR (else flower_photos, downloaded, or else painted
# flowers), ARCHITECTURE, IMAGE_SIZE, STEPS:  IMAGE_DIR=~/birds STEPS=500 sh training.sh
set -eu
caller=$(pwd -P)
CDPATH='' cd -P -- "$(dirname -- "$0")"
. scripts/setup.sh
setup ""

if [ -z "${IMAGE_DIR:-}" ]; then
    IMAGE_DIR=$(poets fetch flower_photos --else painted_flowers)
elif [ "$caller" != "$PWD" ]; then
    case $IMAGE_DIR in
        /* | "~"*) ;;
        *) IMAGE_DIR=$caller/$IMAGE_DIR ;;
    esac
fi
retrain --image_dir "$IMAGE_DIR" \
    --architecture "${ARCHITECTURE:-efficientnet_lite0}" \
    --image_size "${IMAGE_SIZE:-0}" \
    --how_many_training_steps "${STEPS:-4000}"

testing=$(poets split --image_dir "$IMAGE_DIR" --part testing)
if [ -n "$testing" ]; then
    photo=$(printf '%s\n' "$testing" | tail -n 1)
    printf '\nLabelling %s, which it was not trained on:\n' "$photo"
    label-image -- "$photo"
fi

if ! is_active || [ "$caller" != "$PWD" ]; then
    printf '\nBefore the commands above, once in each terminal:\n'
    [ "$caller" = "$PWD" ] || printf "           cd '%s'\n" "$PWD"
    is_active || echo "           . .venv/bin/activate"
fi
