#pragma once

#include "storage/postgres/pg_link.hpp"
#include "storage/postgres/pg_statement.hpp"
#include "storage/store_error.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace postern::storage {

struct PgFailure {
    StoreError error = StoreError::failed;
    std::string state;  // SQLSTATE; empty: the connection broke
    bool ends_connection() const;
};

// What was sent and has not been answered. Statements are put into libpq's buffer and the answers
// are read together, so that a transaction costs as many round trips as it has questions.
class PgPipeline {
 public:
    explicit PgPipeline(std::chrono::milliseconds patience) : link_{patience} {}

    // A fresh connection; what was prepared on the one before is unknown to it.
    [[nodiscard]] std::optional<std::string> connect(const ConnectionWords& words);
    void close() noexcept;
    bool is_open() const { return link_.is_open(); }
    // As far as is known without asking. Takes the answers that have come meanwhile.
    [[nodiscard]] bool is_usable();
    PgLink& link() { return link_; }

    [[nodiscard]] bool add(PgStatement& statement);
    [[nodiscard]] bool add(const char* command);
    // Something that may fail without harm to what follows, and nobody hears of it.
    [[nodiscard]] bool add_aside(const char* command);
    // Whatever fails before it does not keep the server from what follows.
    [[nodiscard]] bool add_border();
    // Sends all of it without waiting. Its failures are nobody's.
    void send_off();
    // Waits for all answers. The first failure since the last border that was sent off.
    [[nodiscard]] std::optional<PgFailure> settle();
    // Such that the failures of what is under way are nobody's.
    void settle_quietly() { static_cast<void>(settle()); }
    [[nodiscard]] std::optional<PgFailure> run_script(const char* text);
    // What the last answer said was done, in the server's word: "COMMIT".
    const std::string& last_tag() const { return last_tag_; }
    // Before a statement goes.
    void forget(const PgStatement& statement);

 private:
    struct Pending {
        enum class Kind { prepare, execute, command, border } kind;
        PgStatement* statement = nullptr;
        std::uint64_t use = 0;
        enum class Failure { told, ignored } failure = Failure::told;
    };
    bool push(Pending pending);
    bool ignore_all();
    std::optional<PgFailure> answered(const Pending& pending, PgResult result);
    PgFailure refusal(const Pending& pending, const pg_result* result);
    void give_up() noexcept;

    PgLink link_;
    std::uint64_t connection_ = 0;  // counts them
    std::deque<Pending> pending_;
    std::string last_tag_;
};

}  // namespace postern::storage
