#include "storage/meta_repository.hpp"

namespace postern::storage {
namespace {

constexpr Sql kFindSql{"SELECT value FROM meta WHERE name = $1"};
constexpr Sql kInsertSql{
    "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"};

constexpr Sql kPutSql{
    "INSERT INTO meta (name, value) VALUES ($1, $2)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"};

}  // namespace

Result<std::optional<std::string>, StoreError>
find_meta(Connection& connection, std::string_view name) {
    auto query = connection.query(kFindSql);
    query.bind(name);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<std::string>{};
    return std::optional<std::string>{query.bytes(0)};
}

Result<void, StoreError>
insert_meta_if_absent(WriteConnection& connection, std::string_view name, Blob value) {
    auto query = connection.query(kInsertSql);
    query.bind(name).bind(value);
    return query.run();
}

Result<void, StoreError> put_meta(Transaction& transaction, std::string_view name, Blob value) {
    auto query = transaction.query(kPutSql);
    query.bind(name).bind(value);
    return query.run();
}

}  // namespace postern::storage
