#pragma once

#include "core/ids.hpp"
#include "core/span.hpp"
#include "dispatch/attempt.hpp"
#include "dispatch/engine.hpp"

namespace postern::dispatch {

// What an attempt says in its trace. Nothing of the endpoint's URL, which may hold a secret.
struct AttemptSpan {
    const DueItem& item;
    const EventContent& event;
    const AttemptResult& result;
    const IdCodec& ids;
};
Span span_of_attempt(const AttemptSpan& attempt);

}  // namespace postern::dispatch
