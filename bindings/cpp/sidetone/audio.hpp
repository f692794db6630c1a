// Audio of a call in and out as PCM. Included by sidetone.hpp.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef SIDETONE_AUDIO_HPP
#define SIDETONE_AUDIO_HPP

#include "settings.hpp"

namespace sidetone {

namespace detail {

struct CloseTap {
  static void close(sidetone_engine *engine, std::uint64_t id) noexcept {
    sidetone_tap_close(engine, id);
  }
};

struct CloseInjection {
  static void close(sidetone_engine *engine, std::uint64_t id) noexcept {
    sidetone_inject_close(engine, id);
  }
};

/// An id that is closed once: moved, not copied. The engine has to outlive it.
template <typename Closer>
class Owned {
 public:
  Owned(sidetone_engine *engine, std::uint64_t id) noexcept : engine_(engine), id_(id) {}
  Owned(Owned &&other) noexcept
      : engine_(other.engine_), id_(std::exchange(other.id_, SIDETONE_ID_NONE)) {}
  Owned &operator=(Owned &&other) noexcept {
    if (this != &other) {
      close();
      engine_ = other.engine_;
      id_ = std::exchange(other.id_, SIDETONE_ID_NONE);
    }
    return *this;
  }
  ~Owned() { close(); }

  std::uint64_t id() const noexcept { return id_; }

  /// Before its time; again: nothing happens.
  void close() noexcept {
    if (id_ != SIDETONE_ID_NONE) Closer::close(engine_, std::exchange(id_, SIDETONE_ID_NONE));
  }

 protected:
  sidetone_engine *engine_;

 private:
  std::uint64_t id_;
};

}  // namespace detail

/// A frame of a tap.
struct Frame {
  /// What is told of it.
  sidetone_tap_frame values{};
  std::vector<std::int16_t> samples;

  bool concealed() const noexcept { return (values.flags & SIDETONE_TAP_FLAG_CONCEALED) != 0; }
  bool absent() const noexcept { return (values.flags & SIDETONE_TAP_FLAG_ABSENT) != 0; }
};

/// A tap on a call, closed at its end.
class Tap : public detail::Owned<detail::CloseTap> {
 public:
  using Owned::Owned;

  /// Reads the next frame into `frame`, waiting as long as given (-1: for ever); false when none came
  /// in time, or none comes any more (`info().ended`).
  bool read(Frame &frame, Milliseconds timeout = Milliseconds(-1)) {
    frame.samples.resize(SIDETONE_TAP_SAMPLES_MAX);
    frame.values.size = sizeof frame.values;
    std::int32_t status =
        sidetone_tap_read(engine_, id(), frame.samples.data(), SIDETONE_TAP_SAMPLES_MAX,
                          timeout.count(), &frame.values);
    if (status == SIDETONE_ERR_TIMEOUT || status == SIDETONE_ERR_ENDED) {
      frame.samples.clear();
      return false;
    }
    check(status);
    frame.samples.resize(frame.values.samples);
    return true;
  }

  sidetone_tap_info info() const {
    return detail::read_values<sidetone_tap_info>(
        [&](sidetone_tap_info *info) { return sidetone_tap_info_read(engine_, id(), info); });
  }
};

/// A source of audio in a call. At its end what was not played is thrown away.
class Injection : public detail::Owned<detail::CloseInjection> {
 public:
  using Owned::Owned;

  /// Queues samples; tells how many there was room for.
  std::size_t write(const std::int16_t *samples, std::size_t count) {
    std::uint32_t written = 0;
    constexpr std::size_t most = UINT32_MAX;
    auto given = static_cast<std::uint32_t>(count < most ? count : most);
    check(sidetone_inject_write(engine_, id(), samples, given, &written));
    return written;
  }

  std::size_t write(const std::vector<std::int16_t> &samples) {
    return write(samples.data(), samples.size());
  }

  /// Throws away what waits; tells how many samples that were.
  std::uint64_t flush() {
    std::uint64_t flushed = 0;
    check(sidetone_inject_flush(engine_, id(), &flushed));
    return flushed;
  }

  sidetone_inject_info info() const {
    return detail::read_values<sidetone_inject_info>([&](sidetone_inject_info *info) {
      return sidetone_inject_info_read(engine_, id(), info);
    });
  }
};

}  // namespace sidetone

#endif  // SIDETONE_AUDIO_HPP
