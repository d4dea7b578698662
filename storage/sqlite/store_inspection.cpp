#include "storage/sqlite/store_inspection.hpp"

#include "storage/sqlite/data_directory.hpp"
#include "storage/sqlite/sqlite_handle.hpp"

#include <sqlite3.h>

#include <system_error>
#include <utility>

namespace postern::storage {
namespace {

// Enough to know that the store needs a backup; a broken tree names each of its pages.
constexpr Sql kIntegritySql{"PRAGMA integrity_check(100)"};
constexpr Sql kForeignKeysSql{"PRAGMA foreign_key_check"};
constexpr std::size_t kForeignKeysMax = 100;

OpenFailure cannot(const std::filesystem::path& file, StoreError error) {
    std::string message = "cannot read the store " + file.string() + ": ";
    message += error == StoreError::poisoned ? "it is damaged or no store"
                                             : "the database refused; the log says why";
    return {error, std::move(message)};
}

class SqliteInspection final : public StoreInspection {
 public:
    explicit SqliteInspection(DataDirectory directory) : directory_{std::move(directory)} {}

    Result<void, OpenFailure> open();
    Connection& connection() override { return *reader_; }
    Result<std::vector<std::string>, StoreError> find_damage() override;
    void interrupt() override { sqlite3_interrupt(connection_); }

 private:
    Result<void, StoreError> add_broken_pages(std::vector<std::string>& sentences);
    Result<void, StoreError> add_lost_parents(std::vector<std::string>& sentences);

    DataDirectory directory_;  // its lock is released after the connection is closed
    Poison poison_{{}};
    std::unique_ptr<SqliteReader> reader_;
    sqlite3* connection_ = nullptr;  // the reader's
};

Result<void, OpenFailure> SqliteInspection::open() {
    const std::filesystem::path file = directory_.database_file();
    auto handle = SqliteHandle::open(file, SqliteHandle::Access::read_only, poison_);
    if (!handle) return cannot(file, handle.error());
    const auto configured = (*handle)->execute("PRAGMA query_only = ON;");
    if (!configured) return cannot(file, configured.error());
    connection_ = (*handle)->raw();
    reader_ = std::make_unique<SqliteReader>(std::move(*handle));
    return check_schema(*reader_, built_in_migrations());
}

Result<std::vector<std::string>, StoreError> SqliteInspection::find_damage() {
    std::vector<std::string> sentences;
    if (const auto done = add_broken_pages(sentences); !done) return done.error();
    if (const auto done = add_lost_parents(sentences); !done) return done.error();
    return sentences;
}

Result<void, StoreError> SqliteInspection::add_broken_pages(std::vector<std::string>& sentences) {
    auto query = reader_->query(kIntegritySql);
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return {};
        if (query.text(0) != "ok") sentences.emplace_back(query.text(0));
    }
}

Result<void, StoreError> SqliteInspection::add_lost_parents(std::vector<std::string>& sentences) {
    auto query = reader_->query(kForeignKeysSql);
    for (std::size_t i = 0; i < kForeignKeysMax; ++i) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return {};
        std::string sentence = "table " + std::string{query.text(0)} + ", row ";
        sentence += std::to_string(query.integer(1)) + ": what it refers to in ";
        sentence += std::string{query.text(2)} + " is not there";
        sentences.push_back(std::move(sentence));
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<StoreInspection>, OpenFailure> inspect_sqlite(
    const std::filesystem::path& directory
) {
    std::error_code ignored;  // what cannot be looked at is not there for us
    if (!std::filesystem::exists(directory / DataDirectory::kDatabaseName, ignored)) {
        return OpenFailure{StoreError::failed, "there is no store in " + directory.string()};
    }
    auto locked = DataDirectory::open(directory);
    if (!locked) return locked.error();
    auto inspection = std::make_unique<SqliteInspection>(std::move(*locked));
    const auto opened = inspection->open();
    if (!opened) return opened.error();
    return std::unique_ptr<StoreInspection>{std::move(inspection)};
}

}  // namespace postern::storage
