#pragma once

#include "core/unified_event.hpp"
#include "payments/domain/values.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::payments {

// The gateways that have a sandbox.
enum class SandboxKind : std::uint8_t { stripe, airwallex, wechatpay, alipay, onerway };
std::optional<SandboxKind> sandbox_kind_of(std::string_view kind);
std::string_view display_name_of(SandboxKind kind);

// What the provider counts in, in our minor units.
std::int64_t step_minor_of(SandboxKind kind, const Currency& currency);

// Has this provider a webhook for it? What it cannot say, its sandbox does not post.
bool can_say(SandboxKind kind, EventType type);

}  // namespace postern::payments
