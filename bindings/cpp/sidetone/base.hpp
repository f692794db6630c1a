// Errors, and what crosses the boundary: texts, ids, headers. Included by sidetone.hpp.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef SIDETONE_BASE_HPP
#define SIDETONE_BASE_HPP

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "sidetone.h"

namespace sidetone {

using Milliseconds = std::chrono::duration<std::int32_t, std::milli>;

namespace detail {

class Category : public std::error_category {
 public:
  const char *name() const noexcept override { return "sidetone"; }
  std::string message(int status) const override { return sidetone_strerror(status); }
};

}  // namespace detail

/// The category of std::error_code that has SIDETONE_ERR_*.
inline const std::error_category &category() noexcept {
  static const detail::Category category;
  return category;
}

/// A call of the library that failed. what() is the library's own text.
class Error : public std::runtime_error {
 public:
  Error(std::int32_t status, const std::string &text)
      : std::runtime_error(text.empty() ? sidetone_strerror(status) : text), status_(status) {}

  /// SIDETONE_ERR_*.
  std::int32_t status() const noexcept { return status_; }

  /// The same, of category().
  std::error_code code() const noexcept { return std::error_code(status_, category()); }

 private:
  std::int32_t status_;
};

/// What the latest function that failed on this thread says of it.
inline std::string last_error() {
  std::uint32_t needed = 0;
  sidetone_last_error(nullptr, 0, &needed);
  std::string text(needed, '\0');
  sidetone_last_error(text.data(), needed, nullptr);
  if (!text.empty()) text.pop_back();
  return text;
}

/// Throws what the library says about a failure; gives a success back.
inline std::int32_t check(std::int32_t status) {
  if (status < 0) throw Error(status, last_error());
  return status;
}

/// SIP headers, (name, value).
using Headers = std::vector<std::pair<std::string, std::string>>;

/// The version of the library, for people.
inline std::string version() { return sidetone_version(); }

/// Whether the library that is loaded can be used with this header.
inline bool is_compatible() noexcept {
  std::uint32_t loaded = sidetone_api_version();
  return loaded >> 16 == SIDETONE_API_VERSION >> 16 && loaded >= SIDETONE_API_VERSION;
}

namespace detail {

/// The length of a text or of octets. What is longer than the library takes is refused by it.
inline std::int32_t length(std::string_view text) {
  return text.size() > INT32_MAX ? INT32_MAX : static_cast<std::int32_t>(text.size());
}

}  // namespace detail

/// Whether the library has a feature by name: "audio", "srtp"; see sidetone.h.
inline bool has_feature(std::string_view name) {
  return check(sidetone_has_feature(name.data(), detail::length(name))) == 1;
}

namespace detail {

/// Borrows text for as long as `text` lives.
inline sidetone_text borrow(std::string_view text) {
  sidetone_text borrowed{};
  borrowed.data = text.data();
  borrowed.length = length(text);
  return borrowed;
}

/// Borrows a text that is set; an empty one leaves what stands there.
inline void borrow_into(sidetone_text &into, const std::string &text) {
  if (!text.empty()) into = borrow(text);
}

inline std::string copy(const sidetone_text &text) {
  return std::string(text.data, static_cast<std::size_t>(text.length));
}

inline Headers copy(const sidetone_headers &headers) {
  Headers copied;
  for (std::uint32_t index = 0; index < headers.count; ++index)
    copied.emplace_back(copy(headers.data[index].name), copy(headers.data[index].value));
  return copied;
}

/// A text that `read(buffer, capacity, needed)` copies out; nothing when there is none.
template <typename Read>
std::optional<std::string> read_text(Read read) {
  std::uint32_t needed = 0;
  std::string text(128, '\0');
  std::int32_t status = read(text.data(), static_cast<std::uint32_t>(text.size()), &needed);
  while (status == SIDETONE_ERR_TOO_SMALL) {
    text.resize(needed);
    status = read(text.data(), static_cast<std::uint32_t>(text.size()), &needed);
  }
  check(status);
  if (needed == 0) return std::nullopt;
  text.resize(needed - 1);
  return text;
}

/// Ids that `read(array, capacity, count)` copies out.
template <typename Read>
std::vector<std::uint64_t> read_ids(Read read) {
  std::uint32_t count = 0;
  std::vector<std::uint64_t> ids(16);
  std::int32_t status = read(ids.data(), static_cast<std::uint32_t>(ids.size()), &count);
  while (status == SIDETONE_ERR_TOO_SMALL) {
    ids.resize(count);
    status = read(ids.data(), static_cast<std::uint32_t>(ids.size()), &count);
  }
  check(status);
  ids.resize(count);
  return ids;
}

/// A struct that `read(&values)` fills.
template <typename Values, typename Read>
Values read_values(Read read) {
  Values values{};
  values.size = sizeof values;
  check(read(&values));
  return values;
}

/// A list of headers in C's form, borrowed from `Headers`.
class HeaderList {
 public:
  explicit HeaderList(const Headers &headers) {
    for (const auto &[name, value] : headers) {
      sidetone_header header{};
      header.name = borrow(name);
      header.value = borrow(value);
      list_.push_back(header);
    }
  }

  sidetone_headers get() const {
    sidetone_headers headers{};
    headers.data = list_.data();
    headers.count = static_cast<std::uint32_t>(list_.size());
    return headers;
  }

 private:
  std::vector<sidetone_header> list_;
};

/// Fills one of C's lists that end with 0.
inline void fill(std::uint32_t (&list)[SIDETONE_LIST_MAX], const std::vector<std::uint32_t> &from) {
  if (from.empty()) return;
  if (from.size() > SIDETONE_LIST_MAX) throw Error(SIDETONE_ERR_INVALID_ARGUMENT, "list too long");
  for (std::size_t index = 0; index < SIDETONE_LIST_MAX; ++index)
    list[index] = index < from.size() ? from[index] : 0;
}

/// An id of an engine: a handle to copy around. The engine has to outlive it; its object may be gone,
/// then functions throw SIDETONE_ERR_STALE_ID.
template <typename Kind>
class Handle {
 public:
  Handle(sidetone_engine *engine, std::uint64_t id) noexcept : engine_(engine), id_(id) {}

  std::uint64_t id() const noexcept { return id_; }
  friend bool operator==(const Kind &a, const Kind &b) noexcept {
    return a.engine_ == b.engine_ && a.id_ == b.id_;
  }
  friend bool operator!=(const Kind &a, const Kind &b) noexcept { return !(a == b); }

 protected:
  sidetone_engine *engine_;
  std::uint64_t id_;
};

}  // namespace detail

}  // namespace sidetone

#endif  // SIDETONE_BASE_HPP
