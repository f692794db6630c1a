/* Arguments thrown by dice: numbers, ids, text, structs, each mostly right and sometimes wrong in a way
 * that is allowed. Memory is allocated to the byte, so that a step beyond it is seen. */
#ifndef DICE_H
#define DICE_H

#include <math.h>

#include "check.h"

enum { IDS = 8, KINDS = 9, TAKEN = 32 };

struct slot;

struct text {
  const char *data;
  int32_t length;
};

/* A worker's randomness, its engine, and the memory that its present call uses. */
struct dice {
  uint64_t state;
  struct slot *slot;
  void *taken[TAKEN];
  unsigned takes;
};

static uint64_t ids[KINDS][IDS];
static unsigned next_id[KINDS];
static char *long_text; /* longer than SIDETONE_TEXT_MAX */

/* The address of an engine of the program. */
static const char *any_uri(uint32_t number);

static uint64_t roll64(struct dice *dice) {
  dice->state ^= dice->state >> 12;
  dice->state ^= dice->state << 25;
  dice->state ^= dice->state >> 27;
  return dice->state * 2685821657736338717u;
}

static uint32_t roll(struct dice *dice, uint32_t sides) {
  return (uint32_t)((roll64(dice) >> 32) % sides);
}

/* Memory that is given back after the call; never NULL. */
static void *take(struct dice *dice, size_t bytes) {
  unsigned char *memory = (unsigned char *)malloc(bytes == 0 ? 1 : bytes);
  size_t index;
  REQUIRE(memory != NULL && dice->takes < TAKEN);
  for (index = 0; index < bytes; ++index) memory[index] = (unsigned char)roll64(dice);
  dice->taken[dice->takes++] = memory;
  return memory;
}

static void give_back(struct dice *dice) {
  while (dice->takes > 0) free(dice->taken[--dice->takes]);
}

static uint32_t any_number(struct dice *dice) {
  static const uint32_t numbers[] = {16, 20, 64, 183, 200, 302, 486, 8000, 16000, 65535, 1u << 31};
  switch (roll(dice, 8)) {
    case 0: return (uint32_t)roll64(dice);
    case 1: return numbers[roll(dice, sizeof numbers / sizeof numbers[0])];
    case 2: return UINT32_MAX;
    default: return roll(dice, 6);
  }
}

static int32_t any_timeout(struct dice *dice) {
  return (int32_t)roll(dice, 5) - (roll(dice, 8) == 0 ? 10 : 0);
}

static float any_float(struct dice *dice) {
  static const float floats[] = {0.0f, -3.0f, 6.0f, -200.0f, 1e30f};
  switch (roll(dice, 8)) {
    case 0: return (float)NAN;
    case 1: return -(float)INFINITY;
    default: return floats[roll(dice, sizeof floats / sizeof floats[0])];
  }
}

/* Ids of each kind (their top byte tells it) that either engine gave lately. */
static void keep_id(uint64_t id) {
  unsigned kind = (unsigned)(id >> 56) % KINDS;
  unsigned at = __atomic_fetch_add(&next_id[kind], 1, __ATOMIC_RELAXED) % IDS;
  if (id != SIDETONE_ID_NONE) __atomic_store_n(&ids[kind][at], id, __ATOMIC_RELAXED);
}

/* One that was given; sometimes of another kind, damaged, made up, or none. */
static uint64_t any_id(struct dice *dice, unsigned kind) {
  unsigned of = roll(dice, 6) == 0 ? roll(dice, KINDS) : kind;
  uint64_t id = __atomic_load_n(&ids[of][roll(dice, IDS)], __ATOMIC_RELAXED);
  switch (roll(dice, 12)) {
    case 0: return SIDETONE_ID_NONE;
    case 1: return roll64(dice);
    case 2: return id ^ ((uint64_t)1 << 32); /* of another generation */
    default: return id;
  }
}

static struct text any_text(struct dice *dice) {
  static const char *const texts[] = {
      "", "sip:nobody@127.0.0.1:9", "sip:nobody@127.0.0.1:9;transport=tcp", "foo:bar", "sip:",
      "127.0.0.1:9", "sip:\xff\xfe@127.0.0.1", "\xc3", "X-Test", "To", "Via", "a\r\nb", "OPTIONS",
      "INVITE", "text/plain", "multipart/mixed; boundary=x", "presence", "message-summary",
      "1234*#AD", "slide.wav", "heard.wav", "heard.pcap", "no/such/folder.wav", "opus", "srtp",
      "Gr\xc3\xbc\xc3\x9f" "e", "--x\r\n\r\n--x--"};
  struct text text;
  uint32_t index = roll(dice, sizeof texts / sizeof texts[0] + 6);
  text.length = -1;
  if (index == 0) {
    text.data = NULL;
    text.length = (int32_t)roll(dice, 3) - 1;
    return text;
  }
  if (index == 1)
    text.data = long_text;
  else if (index < 6)
    text.data = any_uri(index);
  else
    text.data = texts[index - 6];
  switch (roll(dice, 6)) {
    case 0: text.length = (int32_t)strlen(text.data); break;
    case 1: text.length = (int32_t)roll(dice, (uint32_t)strlen(text.data) + 1); break;
    case 2: text.length = roll(dice, 4) == 0 ? INT32_MIN : -1; break;
    default: break;
  }
  return text;
}

/* Text that means something where it goes: `fit`, or an address when that is NULL. */
static struct text fit_text(struct dice *dice, const char *fit) {
  struct text text;
  if (roll(dice, 2) == 0) return any_text(dice);
  text.data = fit == NULL ? any_uri(roll(dice, 2)) : fit;
  text.length = roll(dice, 2) == 0 ? -1 : (int32_t)strlen(text.data);
  return text;
}

static void put_text(struct dice *dice, sidetone_text *into) {
  struct text text = any_text(dice);
  into->data = text.data;
  into->length = text.length;
  into->reserved = roll(dice, 50) == 0 ? any_number(dice) : 0;
}

/* A list of at most three, or of more than there may be. */
static void put_headers(struct dice *dice, sidetone_headers *into) {
  uint32_t index, count = roll(dice, 20) == 0 ? SIDETONE_HEADERS_MAX + 1 : roll(dice, 4);
  sidetone_header *headers = (sidetone_header *)take(dice, count * sizeof *headers);
  for (index = 0; index < count; ++index) {
    sidetone_header_set(&headers[index], "X-Campaign", "spring");
    if (roll(dice, 4) == 0) put_text(dice, &headers[index].name);
    if (roll(dice, 4) == 0) put_text(dice, &headers[index].value);
  }
  into->data = roll(dice, 20) == 0 ? NULL : headers;
  into->count = count;
  into->reserved = roll(dice, 50) == 0 ? any_number(dice) : 0;
}

/* The size that a struct claims: mostly what it is. */
static uint32_t any_size(struct dice *dice, uint32_t right) {
  switch (roll(dice, 12)) {
    case 0: return 0;
    case 1: return 1 + roll(dice, right);
    case 2: return right + 8;
    case 3: return 4096;
    case 4: return 4097 + roll(dice, 3);
    default: return right;
  }
}

/* A struct of `size` bytes in memory of its own; what is beyond those that are known is 0, mostly. */
static void *sized(struct dice *dice, const void *known, uint32_t right, uint32_t size) {
  unsigned char *memory = (unsigned char *)take(dice, size < 4 ? 4 : size);
  if (size > right && roll(dice, 4) != 0) memset(memory + right, 0, size - right);
  if (known != NULL) memcpy(memory, known, size < right ? (size < 4 ? 4 : size) : right);
  memcpy(memory, &size, sizeof size);
  return memory;
}

/* For results: whatever stood there before. */
static void *any_room(struct dice *dice, uint32_t right) {
  return roll(dice, 25) == 0 ? NULL : sized(dice, NULL, right, any_size(dice, right));
}

/* What makes settings mean something, so that not all are refused. */
static void settle(const char *kind, void *settings) {
  if (strcmp(kind, "sidetone_account_config") == 0)
    ((sidetone_account_config *)settings)->aor.data = "sip:alice@127.0.0.1:9";
  if (strcmp(kind, "sidetone_sip_request") == 0)
    ((sidetone_sip_request *)settings)->method.data = "OPTIONS";
  if (strcmp(kind, "sidetone_engine_config") == 0) {
    ((sidetone_engine_config *)settings)->bind.data = "127.0.0.1";
    ((sidetone_engine_config *)settings)->dns_server.data = "127.0.0.1:9";
    ((sidetone_engine_config *)settings)->media_workers = 1;
  }
}

#endif
