// sidetone.hpp - C++17 over sidetone.h: engines that clean up after themselves, strings, exceptions.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Header-only: nothing of the C++ library crosses the boundary of the shared library. What functions
// do, and which errors they give, is told in sidetone.h; here a negative status becomes an Error.
//
//   sidetone::Engine engine;
//   sidetone::Call call = engine.dial("sip:bob@192.0.2.7");
//   while (auto event = engine.next_event())
//     if (event->is_end_of(call)) break;
#ifndef SIDETONE_HPP
#define SIDETONE_HPP

#if __cplusplus < 201703L && (!defined(_MSVC_LANG) || _MSVC_LANG < 201703L)
#error "sidetone.hpp needs C++17"
#endif

#include "sidetone/engine.hpp"

#endif  // SIDETONE_HPP
