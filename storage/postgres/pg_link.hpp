#pragma once

#include "storage/postgres/connection_words.hpp"
#include "storage/postgres/pg_values.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct pg_conn;
struct pg_result;

namespace postern::storage {

struct FreePgResult {
    void operator()(pg_result* result) const noexcept;
};
using PgResult = std::unique_ptr<pg_result, FreePgResult>;

// One connection to a server, in libpq's pipeline mode: what is sent waits in a buffer until it is
// flushed, and answers are read in the order of what was sent. Nothing here waits longer than the
// patience: a server that stands still looks like one that is gone.
class PgLink {
 public:
    explicit PgLink(std::chrono::milliseconds patience) : patience_{patience} {}
    ~PgLink() { close(); }
    PgLink(const PgLink&) = delete;
    PgLink& operator=(const PgLink&) = delete;

    // Replaces what was there. The complaint is libpq's, without the password.
    [[nodiscard]] std::optional<std::string> connect(const ConnectionWords& words);
    void close() noexcept;
    bool is_open() const;
    // Whether the other side has hung up or said that it will, as far as is known without asking.
    bool was_closed();
    // Whether the next result can be had without waiting.
    bool has_result();
    int server_version() const;
    // The number of the server's process for this connection; 0: there is none.
    int backend() const;
    // Since this was asked last: the server gave up waiting for its standby, and said "committed"
    // of something that a failover may lose.
    bool take_unreplicated();

    struct Prepare {
        const char* name;
        const char* text;
        std::span<const unsigned> types;
    };
    // False: the connection is broken.
    [[nodiscard]] bool send_prepare(const Prepare& prepare);
    [[nodiscard]] bool send_prepared(const char* name, const PgParameters::Sendable& parameters);
    [[nodiscard]] bool send_text(const char* text);
    [[nodiscard]] bool send_sync();
    [[nodiscard]] bool flush();

    // Of the statement that is next in order, or of a sync. Null: the connection is broken.
    PgResult next_result();
    // Several statements in one text, when nothing else is under way. Without patience: a change of
    // the schema takes as long as it takes.
    PgResult run_script(const char* text);

 private:
    enum class Wait { patient, endless };
    bool wait_until_readable(Wait wait);
    PgResult get(Wait wait);

    static void note_notice(void* self, const pg_result* notice);

    std::chrono::milliseconds patience_;
    pg_conn* connection_ = nullptr;
    bool unreplicated_ = false;
    bool ended_ = false;  // the server's last words came
};

}  // namespace postern::storage
