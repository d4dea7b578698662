#pragma once

#include "storage/change_follower.hpp"
#include "storage/database.hpp"
#include "storage/postgres/connection_places.hpp"
#include "storage/postgres/pg_connector.hpp"
#include "storage/postgres/pg_ingest.hpp"
#include "storage/postgres/pg_pipeline.hpp"
#include "storage/postgres/pg_statement.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace postern::storage {

// A connection of any use. Everything that answers nothing is sent along with what follows it; a
// connection that broke fails the transaction it was in, and is made anew by the next one.
class PgConnection final : public WriteConnection, private PgSender {
 public:
    explicit PgConnection(PgSession session);
    ~PgConnection() override;

    // At the start of the program: one try, whose complaint is for the operator.
    [[nodiscard]] Result<void, Complaint> open() { return connector_.open(pipeline_); }
    // Among the connections of its process, until it goes.
    void keep(ConnectionPlaces::Place place) { place_.emplace(std::move(place)); }
    // Once the schema is there.
    void start_ingest(SipKey dedupe_key) { ingest_.emplace(*this, dedupe_key); }

    // Whoever writes through this connection goes by what that one holds in memory.
    void tell(ChangeFollower& follower) { follower_ = &follower; }

    bool is_shared() const override { return true; }
    Statement& statement(const Sql& sql) override { return prepared(sql); }
    PgStatement& prepared(const Sql& sql);
    Statement& composed_statement(const std::string& text) override;
    Result<void, StoreError> begin_read() override;
    void end_read() noexcept override;
    Result<void, StoreError> begin() override;
    Result<void, StoreError> commit() override;
    void rollback() noexcept override;
    Result<void, StoreError> begin_savepoint() override;
    Result<void, StoreError> release_savepoint() override;
    Result<void, StoreError> rollback_savepoint() override;
    Result<void, StoreError> ingest(Transaction& transaction, std::span<IngestItem* const> items)
        override;
    Result<InboxId, StoreError> claim(const DedupeClaim& claim) override;
    Result<void, StoreError> take_turn() override;
    Writers writers() const noexcept override { return Writers::many; }
    Result<void, StoreError> execute_script(const std::string& script) override;
    // The disk is the server's, which says so itself when it is full.
    Room room() override { return Room::plenty; }
    void give_up_reserve() noexcept override {}
    Result<void, StoreError> keep_house(Load) override { return {}; }

    // Of the last failure; empty: the connection broke, or nothing failed yet.
    const std::string& last_state() const { return last_state_; }
    int server_version() { return pipeline_.link().server_version(); }

 private:
    enum class Phase { none, reading, writing };
    struct Composed {
        std::unique_ptr<PgStatement> statement;
        std::list<const std::string*>::iterator turn;
    };

    PgSender& sender() { return *this; }
    Result<void, StoreError> send(PgStatement& statement) override;
    Result<void, StoreError> settle() override;
    [[nodiscard]] Result<void, StoreError> open_to_write();
    [[nodiscard]] Result<void, StoreError> look_for_left_behind();
    [[nodiscard]] Result<void, StoreError> begin_as(Phase phase, const char* command);
    [[nodiscard]] Result<void, StoreError> add_command(const char* command);
    [[nodiscard]] bool add_housekeeping();
    [[nodiscard]] Result<void, StoreError> follow(Query& newest);
    Result<void, StoreError> note(const std::optional<PgFailure>& failure);
    StoreError broken();
    void end_quietly() noexcept;
    void drop_oldest_composed();

    std::optional<ConnectionPlaces::Place> place_;
    PgSession session_;
    PgConnector connector_;
    PgPipeline pipeline_;
    std::optional<PgIngest> ingest_;
    ChangeFollower* follower_ = nullptr;  // null: nobody has to be told
    Phase phase_ = Phase::none;
    // Of the transaction in hand: what follows it in vain is told the same.
    std::optional<StoreError> failure_;
    std::string last_state_;
    // The server's processes: of this connection, and of one before it whose commit may still wait
    // for the standby, with all its locks. 0: none.
    int backend_ = 0;
    int left_behind_ = 0;
    bool looking_ = false;  // for the latter
    std::chrono::steady_clock::time_point plans_end_at_{};
    std::uint64_t statements_made_ = 0;
    std::unordered_map<const Sql*, std::unique_ptr<PgStatement>> statements_;
    std::unordered_map<std::string, Composed> composed_;
    std::list<const std::string*> composed_turns_;  // the one that was used last comes first
    std::vector<std::string> unused_names_;         // of what the server may forget
};

}  // namespace postern::storage
