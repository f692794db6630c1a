/* A tone in 16-bit mono samples at 8 kHz, as the far end of a test plays it. */
#ifndef TONE_H
#define TONE_H

#include <math.h>
#include <stdint.h>

enum { TONE_RATE = 8000, TONE_BLOCK = 800 };

/* Whether a tenth of a second holds the tone and hardly anything else (Goertzel). */
static int holds_tone(const int16_t *samples, int hz) {
  double factor = 2 * cos(2 * 3.14159265358979323846 * hz / TONE_RATE);
  double before = 0, last = 0, next, power = 0, tone;
  int index;
  for (index = 0; index < TONE_BLOCK; ++index) {
    next = samples[index] + factor * last - before;
    before = last;
    last = next;
    power += (double)samples[index] * samples[index];
  }
  tone = (last * last + before * before - factor * last * before) * 2 / TONE_BLOCK;
  return power / TONE_BLOCK > 1000.0 * 1000.0 && tone > 0.95 * power;
}

#endif
