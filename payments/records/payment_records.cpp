#include "payments/records/payment_records.hpp"

#include "payments/records/owner_counts.hpp"
#include "payments/records/payment_blocks.hpp"
#include "payments/records/payment_metadata.hpp"
#include "payments/records/payment_numbers.hpp"
#include "payments/records/payment_row.hpp"
#include "payments/records/payment_runs.hpp"
#include "payments/records/rows.hpp"
#include "storage/sql_text.hpp"

#include <string>

namespace postern::payments {
namespace {

constexpr storage::Sql kInsertSql{
    "INSERT INTO payments (id, account_id, livemode, number, version, status, face_status, amount,"
    " amount_thousandths, currency, capturable, received, refunded, capture_method,"
    " confirmation_method, gateway, gateway_payment_id, customer_id, method_id, charge_id,"
    " dispute_id, order_id, client_secret, created_at, updated_at, captured_at, canceled_at,"
    " details)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,"
    " $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)"};

constexpr auto kFindText =
    storage::sql_text(kSelectPayment, " WHERE id = $1 AND account_id = $2 AND livemode = $3");
constexpr storage::Sql kFindSql{kFindText.data()};

// A partial index is used only when the statement repeats its condition.
constexpr auto kFindByGatewayIdText = storage::sql_text(
    kSelectPayment,
    " WHERE gateway = $1 AND gateway_payment_id = $2 AND gateway_payment_id <> ''"
    " ORDER BY id LIMIT 1"
);
constexpr storage::Sql kFindByGatewayIdSql{kFindByGatewayIdText.data()};

constexpr storage::Sql kAnySql{"SELECT 1 FROM payments LIMIT 1"};

constexpr std::string_view kUpdateAlways =
    "UPDATE payments SET version = version + 1, updated_at = $1, capturable = $2, received = $3,"
    " refunded = $4, method_id = $5, charge_id = $6, dispute_id = $7, captured_at = $8,"
    " canceled_at = $9, details = $10";

// An index is written anew for every column of it that a statement names, changed or not. So each
// statement names only the columns that change.
struct Changes {
    bool of_state = false;
    bool of_gateway = false;
    bool of_terms = false;  // amount, customer and what else the merchant edits
};

bool has_same_terms(const Payment& a, const Payment& b) {
    return a.amount == b.amount && a.capture_method == b.capture_method
           && a.confirmation_method == b.confirmation_method && a.customer == b.customer
           && a.order_id == b.order_id;
}

Changes changes_between(const Payment& before, const Payment& after) {
    return {
        .of_state =
            before.status != after.status || face_status_of(before) != face_status_of(after),
        .of_gateway = before.gateway != after.gateway
                      || before.gateway_payment_id != after.gateway_payment_id,
        .of_terms = !has_same_terms(before, after)};
}

// Columns and values stay in step: what is appended here is bound in this order below.
std::string update_text(const Changes& changes) {
    std::string text{kUpdateAlways};
    int last = 10;
    const auto set = [&text, &last](std::string_view column) {
        text.append(", ").append(column).append(" = $").append(std::to_string(++last));
    };
    if (changes.of_state)
        for (const auto* column : {"status", "face_status"}) set(column);
    if (changes.of_gateway)
        for (const auto* column : {"gateway", "gateway_payment_id"}) set(column);
    if (changes.of_terms)
        for (const auto* column :
             {"amount",
              "amount_thousandths",
              "currency",
              "capture_method",
              "confirmation_method",
              "customer_id",
              "order_id"})
            set(column);
    text.append(" WHERE id = $").append(std::to_string(last + 1));
    text.append(" AND version = $").append(std::to_string(last + 2));
    return text;
}

void bind_amount(storage::Query& query, const Money& amount) {
    query.bind(amount.minor).bind(thousandths_of(amount)).bind(amount.currency.lower());
}

void bind_changes(storage::Query& query, const Changes& changes, const Payment& payment) {
    if (changes.of_state) query.bind(stored(payment.status)).bind(stored(face_status_of(payment)));
    if (changes.of_gateway) query.bind(payment.gateway.value).bind(payment.gateway_payment_id);
    if (changes.of_terms) {
        bind_amount(query, payment.amount);
        query.bind(stored(payment.capture_method)).bind(stored(payment.confirmation_method));
        query.bind(stored_id(payment.customer)).bind(payment.order_id);
    }
}

Result<bool, StoreError>
update_row(Transaction& transaction, const Payment& payment, const Payment& before) {
    const std::string details = details_text(payment);
    const Changes changes = changes_between(before, payment);
    storage::Connection& connection = transaction.connection();
    auto query = connection.query(update_text(changes));
    query.bind(payment.updated_at).bind(payment.capturable_minor).bind(payment.received_minor);
    query.bind(payment.refunded_minor).bind(stored_id(payment.method));
    query.bind(stored_id(payment.latest_charge)).bind(stored_id(payment.dispute));
    query.bind(payment.captured_at).bind(payment.canceled_at).bind(details);
    bind_changes(query, changes, payment);
    query.bind(payment.id.value).bind(payment.version);
    const auto done = query.run();
    if (!done) return done.error();
    return query.changed_rows() == 1;
}

Result<void, StoreError>
move_in_blocks(Transaction& transaction, const Payment& payment, const Payment& before) {
    const BlockCell from = cell_of(before);
    const BlockCell to = cell_of(payment);
    if (from == to) return {};
    const auto taken = take_from_block(transaction, payment.owner, from);
    if (!taken) return taken.error();
    return add_to_block(transaction, payment.owner, to);
}

Result<void, StoreError>
move_in_runs(Transaction& transaction, const Payment& payment, const Payment& before) {
    const RunCell from = run_cell_of(before);
    const RunCell to = run_cell_of(payment);
    if (from == to) return {};
    const auto taken = take_from_runs(transaction, payment.owner, from);
    if (!taken) return taken.error();
    return add_to_runs(transaction, payment.owner, to);
}

Result<void, StoreError>
keep_counts(Transaction& transaction, const Payment& payment, const Payment& before) {
    const auto moved = move_in_blocks(transaction, payment, before);
    if (!moved) return moved.error();
    return move_in_runs(transaction, payment, before);
}

Result<void, StoreError> insert_row(Transaction& transaction, const Payment& payment) {
    const std::string details = details_text(payment);
    auto query = transaction.query(kInsertSql);
    query.bind(payment.id.value);
    bind_owner(query, payment.owner).bind(payment.number).bind(payment.version);
    query.bind(stored(payment.status)).bind(stored(face_status_of(payment)));
    bind_amount(query, payment.amount);
    query.bind(payment.capturable_minor).bind(payment.received_minor);
    query.bind(payment.refunded_minor).bind(stored(payment.capture_method));
    query.bind(stored(payment.confirmation_method)).bind(payment.gateway.value);
    query.bind(payment.gateway_payment_id).bind(stored_id(payment.customer));
    query.bind(stored_id(payment.method)).bind(stored_id(payment.latest_charge));
    query.bind(stored_id(payment.dispute)).bind(payment.order_id).bind(payment.client_secret);
    query.bind(payment.created_at).bind(payment.updated_at).bind(payment.captured_at);
    query.bind(payment.canceled_at).bind(details);
    return query.run();
}

}  // namespace

namespace {

// Lists take a span of numbers for a span of ids, so both have to grow together, also where nodes
// whose clocks differ take turns.
Result<std::int64_t, StoreError>
id_after_the_one_before(Transaction& transaction, Owner owner, std::int64_t number) {
    if (transaction.connection().writers() == storage::Writers::one || number == 1) {
        return transaction.next_id();
    }
    const auto before = find_id_of_number(transaction.connection(), owner, number - 1);
    if (!before) return before.error();
    return transaction.next_id_after(before->value_or(0));
}

}  // namespace

Result<void, StoreError> number_payment(Transaction& transaction, Payment& payment) {
    const auto number =
        add_to_count(transaction, {.owner = payment.owner, .what = Counted::payments}, 1);
    if (!number) return number.error();
    payment.number = *number;
    payment.version = 0;
    if (payment.id.value == 0) {
        const auto id = id_after_the_one_before(transaction, payment.owner, *number);
        if (!id) return id.error();
        payment.id = PaymentId{*id};
    }
    payment.created_at = transaction.now();
    payment.updated_at = transaction.now();
    return {};
}

Result<void, StoreError> insert_payment(Transaction& transaction, Payment& payment) {
    if (payment.number == 0) {
        if (const auto numbered = number_payment(transaction, payment); !numbered) return numbered;
    }
    payment.version = 1;
    const auto inserted = insert_row(transaction, payment);
    if (!inserted) return inserted.error();
    const auto counted = add_to_block(transaction, payment.owner, cell_of(payment));
    if (!counted) return counted.error();
    const auto ordered = add_to_runs(transaction, payment.owner, run_cell_of(payment));
    if (!ordered) return ordered.error();
    return index_metadata(transaction, payment);
}

Result<bool, StoreError>
update_payment(Transaction& transaction, Payment& payment, const Payment& before) {
    payment.updated_at = transaction.now();
    const auto updated = update_row(transaction, payment, before);
    if (!updated || !*updated) return updated;
    payment.version += 1;
    const auto counted = keep_counts(transaction, payment, before);
    if (!counted) return counted.error();
    const auto indexed = reindex_metadata(transaction, payment, before.details.metadata);
    if (!indexed) return indexed.error();
    return true;
}

Result<std::optional<Payment>, StoreError>
find_payment(Connection& connection, Owner owner, PaymentId id) {
    auto query = connection.query(kFindSql);
    bind_owner(query.bind(id.value), owner);
    return read_one(query, read_payment);
}

Result<std::optional<Payment>, StoreError>
find_payment_by_gateway_id(Connection& connection, const GatewayObject& which) {
    auto query = connection.query(kFindByGatewayIdSql);
    query.bind(which.gateway.value).bind(which.id);
    return read_one(query, read_payment);
}

Result<bool, StoreError> has_payments(Connection& connection) {
    auto query = connection.query(kAnySql);
    const auto step = query.step();
    if (!step) return step.error();
    return *step == storage::Step::row;
}

}  // namespace postern::payments
