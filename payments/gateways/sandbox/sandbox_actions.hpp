#pragma once

#include "payments/gateways/sandbox/sandbox_answers.hpp"
#include "payments/records/gateway_records.hpp"
#include "payments/service/payment_service.hpp"

#include <optional>

// What customers are asked to do by a sandbox gateway, and what becomes of their payments then.
namespace postern::payments {

struct FullAction {
    ActionRow row;
    FullPayment payment;
    SandboxKind kind = SandboxKind::stripe;
};
// nullopt: there is none, or its gateway is in sandbox mode no more.
[[nodiscard]] Result<std::optional<FullAction>, StoreError>
load_action(storage::Connection& connection, const Surroundings& around, ActionId id);

enum class ActionStanding { waiting, over, expired };
ActionStanding standing_of(const FullAction& action, TimePoint now);

// Of an action that waits. Moves the payment, and leaves what the provider will say of it; both
// belong to the payment's owner, whoever the caller is.
[[nodiscard]] Result<FullPayment, StoreError>
decide_action(Work& work, const FullAction& action, ActionOutcome outcome);
// Of one whose time is up: a challenge that was never met has failed.
[[nodiscard]] Result<void, StoreError> expire_action(Work& work, const FullAction& action);
// The oldest of those whose time is up; how many. As many as `rows_max`: call again.
[[nodiscard]] Result<std::size_t, StoreError> expire_actions(Work& work, std::size_t rows_max);

}  // namespace postern::payments
