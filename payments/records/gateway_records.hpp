#pragma once

#include "payments/gateways/gateway.hpp"
#include "payments/records/payment_records.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace postern::payments {

// What a gateway has yet to be asked, or to answer. The order's payment, method and refund are
// read again when it is asked: the row names them.
struct OrderRow {
    OrderId id;
    Owner owner;
    storage::GatewayNumber gateway;
    OrderKind kind = OrderKind::authorize;
    PaymentId payment;        // 0: of a payout
    std::int64_t object = 0;  // the charge, refund, payout or dispute it is about
    std::int64_t minor = 0;
    std::int64_t asked = 0;  // how often
    TimePoint due_at;
    TimePoint created_at;
};
[[nodiscard]] Result<void, StoreError> insert_order(Transaction& transaction, OrderRow& order);
[[nodiscard]] Result<std::optional<OrderRow>, StoreError>
find_order(Connection& connection, OrderId id);
[[nodiscard]] Result<std::vector<OrderRow>, StoreError>
due_orders(Connection& connection, TimePoint now, std::size_t rows_max);
[[nodiscard]] Result<std::optional<TimePoint>, StoreError> next_order_at(Connection& connection);
// The same of those only that the node of this number made.
struct OrdersOfNode {
    unsigned node = 0;
    TimePoint now;
    std::size_t rows_max = 0;
};
[[nodiscard]] Result<std::vector<OrderRow>, StoreError>
due_orders_of(Connection& connection, const OrdersOfNode& question);
[[nodiscard]] Result<std::optional<TimePoint>, StoreError>
next_order_of(Connection& connection, unsigned node);
[[nodiscard]] Result<void, StoreError>
postpone_order(Transaction& transaction, OrderId id, TimePoint due_at);  // and counts the asking
// The same, unless it was settled or somebody else asks: false then.
[[nodiscard]] Result<bool, StoreError>
claim_order(Transaction& transaction, const OrderRow& seen, TimePoint due_at);
// Due now: all that were asked and are to be asked again later, but for those that the nodes of
// these numbers made, who may still hear of them.
[[nodiscard]] Result<void, StoreError>
recall_orders(Transaction& transaction, std::span<const unsigned> not_of_nodes);
[[nodiscard]] Result<void, StoreError> delete_order(Transaction& transaction, OrderId id);

// A page of the sandbox.
struct ActionRow {
    ActionId id;
    Owner owner;
    PaymentId payment;
    NextAction::Kind kind = NextAction::Kind::three_d_secure;
    enum class State : std::uint8_t { open, approved, declined, expired } state = State::open;
    TimePoint expires_at;
    TimePoint created_at;
    std::string return_url;
};
[[nodiscard]] Result<void, StoreError> insert_action(Transaction& transaction, ActionRow& action);
[[nodiscard]] Result<std::optional<ActionRow>, StoreError>
find_action(Connection& connection, ActionId id);
// False: it is not open any more.
[[nodiscard]] Result<bool, StoreError>
close_action(Transaction& transaction, ActionId id, ActionRow::State state);
[[nodiscard]] Result<std::vector<ActionRow>, StoreError>
expired_actions(Connection& connection, TimePoint now, std::size_t rows_max);

struct MessageRow {
    std::int64_t id = 0;
    storage::GatewayNumber gateway;
    TimePoint due_at;
    std::int64_t tries = 0;
    ProviderMessage message;
};
[[nodiscard]] Result<void, StoreError> insert_message(Transaction& transaction, MessageRow& row);
[[nodiscard]] Result<std::vector<MessageRow>, StoreError>
due_messages(Connection& connection, TimePoint now, std::size_t rows_max);
[[nodiscard]] Result<std::optional<TimePoint>, StoreError> next_message_at(Connection& connection);
[[nodiscard]] Result<void, StoreError>
postpone_message(Transaction& transaction, std::int64_t id, TimePoint due_at);
[[nodiscard]] Result<void, StoreError> delete_message(Transaction& transaction, std::int64_t id);

// What a gateway has yet to say of one of its objects, it says no more.
[[nodiscard]] Result<void, StoreError>
withdraw_messages(Transaction& transaction, const GatewayObject& about);

}  // namespace postern::payments
