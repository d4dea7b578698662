#pragma once

#include "payments/gateways/gateway.hpp"
#include "payments/gateways/sandbox/sandbox_kind.hpp"

#include <span>

namespace postern::payments {

// What each gateway takes, with the fields that a shop must ask its customer for.
std::span<const MethodDescription> sandbox_methods(SandboxKind kind);

}  // namespace postern::payments
