#pragma once

#include "verifiers/event_map.hpp"
#include "verifiers/sample.hpp"

#include <optional>
#include <string>

namespace postern::verifiers {

// A body that says the wished-for event in the places where the map will look for it. nullopt: the
// map has no word for the type.
std::optional<std::string> sample_body(const EventMap& map, const SampleWish& wish);

}  // namespace postern::verifiers
