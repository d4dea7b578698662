#pragma once

#include "payments/gateways/gateway.hpp"
#include "payments/gateways/sandbox/sandbox_ids.hpp"
#include "payments/gateways/sandbox/sandbox_kind.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace postern::payments {

// What a message speaks of. The refund, payout or dispute only where the type is about one.
struct TellingAbout {
    const Payment& payment;
    const Refund* refund = nullptr;
    const Payout* payout = nullptr;
    std::string_view gateway_dispute_id = {};
    std::int64_t cause = 0;  // the number of what made the provider speak: makes the event's id
};

struct Telling {
    EventType type = EventType::payment_succeeded;
    std::int64_t minor = 0;
    std::string reason = {};
    std::string outcome = {};
    std::chrono::milliseconds delay{0};
};

// Finds the provider's words for what happened.
class SandboxTeller {
 public:
    SandboxTeller(SandboxKind kind, const IdCodec& ids)
        : kind_{kind}, codec_{ids}, ids_{kind, ids} {}

    SandboxKind kind() const { return kind_; }
    const SandboxIds& ids() const { return ids_; }
    // nullopt: this provider has no webhook for it.
    std::optional<ProviderMessage> message(const TellingAbout& about, const Telling& telling) const;

 private:
    SandboxKind kind_;
    IdCodec codec_;
    SandboxIds ids_;
};

}  // namespace postern::payments
