#pragma once

#include "core/result.hpp"
#include "core/settings.hpp"

#include <optional>

namespace postern::verifiers {

// Everything wrong with a gateway's settings in one complaint, or nothing. Keys that begin with
// "sandbox_" belong to the sending side and are no typing errors.
std::optional<Complaint> complaints_of(SettingsReader& reader);

}  // namespace postern::verifiers
