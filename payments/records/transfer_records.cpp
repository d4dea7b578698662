#include "payments/records/details_json.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/records/read_currency.hpp"
#include "payments/records/rows.hpp"
#include "storage/sql_text.hpp"

namespace postern::payments {
namespace {

using storage::ListQuery;
using storage::Page;
using storage::PageRequest;
using storage::Query;
using storage::Sql;
using storage::sql_text;

constexpr char kSelect[] =
    "SELECT id, account_id, livemode, amount, currency, reversed, destination, transfer_group,"
    " source_charge_id, balance_transaction_id, created_at, details FROM transfers";

constexpr auto kFindText =
    sql_text(kSelect, " WHERE id = $1 AND account_id = $2 AND livemode = $3");
constexpr Sql kFindSql{kFindText.data()};

constexpr Sql kInsertSql{
    "INSERT INTO transfers (id, account_id, livemode, amount, currency, reversed, destination,"
    " transfer_group, source_charge_id, balance_transaction_id, created_at, details)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};

constexpr Sql kUpdateSql{
    "UPDATE transfers SET reversed = $1, transfer_group = $2, balance_transaction_id = $3,"
    " details = $4 WHERE id = $5"};

constexpr Sql kTransferredSql{
    "SELECT COALESCE(SUM(amount - reversed), 0) FROM transfers WHERE source_charge_id = $1"};

constexpr Sql kInsertReversalSql{
    "INSERT INTO transfer_reversals (id, transfer_id, account_id, livemode, amount, currency,"
    " balance_transaction_id, created_at, metadata) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};

constexpr Sql kReversalsOfSql{
    "SELECT id, transfer_id, account_id, livemode, amount, currency, balance_transaction_id,"
    " created_at, metadata FROM transfer_reversals WHERE transfer_id = $1 ORDER BY id"};

std::string details_text(const Transfer& transfer) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    write_member(writer, "description", transfer.description);
    write_member(writer, "metadata", transfer.metadata);
    writer.end_object();
    return text;
}

Result<void, StoreError> read_details(std::string_view text, Transfer& transfer) {
    const auto document = parse_details(text);
    if (!document) return document.error();
    read_member(document->root(), "description", transfer.description);
    read_member(document->root(), "metadata", transfer.metadata);
    return {};
}

Result<Transfer, StoreError> read_row(const Query& query) {
    const auto currency = read_currency(query, 4);
    if (!currency) return currency.error();
    Transfer transfer;
    transfer.id = TransferId{query.integer(0)};
    transfer.owner = read_owner(query, 1);
    transfer.amount = {query.integer(3), *currency};
    transfer.reversed_minor = query.integer(5);
    transfer.destination = query.text(6);
    transfer.transfer_group = query.text(7);
    transfer.source = read_optional_id<ChargeId>(query, 8);
    transfer.balance_transaction = read_optional_id<BalanceTransactionId>(query, 9);
    transfer.created_at = query.time(10);
    if (const auto read = read_details(query.text(11), transfer); !read) return read.error();
    return transfer;
}

Result<TransferReversal, StoreError> read_reversal(const Query& query) {
    const auto currency = read_currency(query, 5);
    if (!currency) return currency.error();
    TransferReversal reversal;
    reversal.id = ReversalId{query.integer(0)};
    reversal.transfer = TransferId{query.integer(1)};
    reversal.owner = read_owner(query, 2);
    reversal.amount = {query.integer(4), *currency};
    reversal.balance_transaction = read_optional_id<BalanceTransactionId>(query, 6);
    reversal.created_at = query.time(7);
    const auto metadata = parse_details(query.text(8));
    if (!metadata) return metadata.error();
    read_json(metadata->root(), reversal.metadata);
    return reversal;
}

}  // namespace

Result<void, StoreError> insert_transfer(Transaction& transaction, Transfer& transfer) {
    if (transfer.id.value == 0) transfer.id = TransferId{transaction.next_id()};
    transfer.created_at = transaction.now();
    const std::string details = details_text(transfer);
    auto query = transaction.query(kInsertSql);
    bind_owner(query.bind(transfer.id.value), transfer.owner).bind(transfer.amount.minor);
    query.bind(transfer.amount.currency.lower()).bind(transfer.reversed_minor);
    query.bind(transfer.destination).bind(transfer.transfer_group);
    query.bind(stored_id(transfer.source)).bind(stored_id(transfer.balance_transaction));
    query.bind(transfer.created_at).bind(details);
    return query.run();
}

Result<void, StoreError> update_transfer(Transaction& transaction, const Transfer& transfer) {
    const std::string details = details_text(transfer);
    auto query = transaction.query(kUpdateSql);
    query.bind(transfer.reversed_minor).bind(transfer.transfer_group);
    query.bind(stored_id(transfer.balance_transaction)).bind(details).bind(transfer.id.value);
    return query.run();
}

Result<std::optional<Transfer>, StoreError>
find_transfer(Connection& connection, Owner owner, TransferId id) {
    auto query = connection.query(kFindSql);
    bind_owner(query.bind(id.value), owner);
    return read_one(query, read_row);
}

Result<Page<Transfer>, StoreError> list_transfers(
    Connection& connection,
    const TransferFilter& filter,
    const PageRequest<TransferId>& page
) {
    ListQuery list;
    where_owner(list, filter.owner);
    if (!filter.destination.empty()) list.where_text("destination =", filter.destination);
    if (!filter.transfer_group.empty()) {
        list.where_text("transfer_group =", filter.transfer_group);
        list.also("transfer_group <> ''");  // the index is of those that have one
    }
    where_created(list, filter.created_from, filter.created_until);
    list.after(stored_id(page.after), page.order);
    auto query = connection.query(list.text(kSelect));
    list.bind_to(query, page.rows_max);
    return read_rows_of_page<Transfer>(query, page.rows_max, read_row);
}

Result<std::int64_t, StoreError> transferred_minor(Connection& connection, ChargeId source) {
    auto query = connection.query(kTransferredSql);
    query.bind(source.value);
    return read_count(query);
}

Result<void, StoreError> insert_reversal(Transaction& transaction, TransferReversal& reversal) {
    if (reversal.id.value == 0) reversal.id = ReversalId{transaction.next_id()};
    reversal.created_at = transaction.now();
    const std::string metadata = metadata_text(reversal.metadata);
    auto query = transaction.query(kInsertReversalSql);
    query.bind(reversal.id.value).bind(reversal.transfer.value);
    bind_owner(query, reversal.owner).bind(reversal.amount.minor);
    query.bind(reversal.amount.currency.lower()).bind(stored_id(reversal.balance_transaction));
    query.bind(reversal.created_at).bind(metadata);
    return query.run();
}

Result<std::vector<TransferReversal>, StoreError>
reversals_of(Connection& connection, TransferId transfer) {
    auto query = connection.query(kReversalsOfSql);
    query.bind(transfer.value);
    return read_all(query, read_reversal);
}

}  // namespace postern::payments
