#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace postern::storage {

// A PostgreSQL server for this test program alone, with its own data and reachable through a socket
// in its own folder. It is started when the first test asks for it and ends with the program.
class PostgresServer {
 public:
    // What to do with tests that need one where PostgreSQL is not installed.
    static bool is_installed();
    static PostgresServer& instance();

    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    // The store that belongs to this folder. Its database is as a new one when it is first asked
    // for, and goes to another folder some time after this one went.
    std::string database_of(const std::filesystem::path& folder);
    std::string url_of(const std::filesystem::path& folder) { return url(database_of(folder)); }
    std::string url(const std::string& database, const std::string& user = "postgres") const;
    // An empty database without tables.
    std::string make_database();
    // As its superuser, outside of any store; answers the first column of all rows.
    std::vector<std::string> ask(const std::string& database, const std::string& sql) const;
    void run(const std::string& sql) const { static_cast<void>(ask("postgres", sql)); }

 private:
    PostgresServer();
    void start();
    void make_template();
    struct Made {
        std::filesystem::path folder;
        std::string database;
    };
    Made& take_left_over();
    void clean(Made& made);

    std::filesystem::path home_;
    pid_t process_ = -1;
    unsigned made_count_ = 0;
    std::vector<Made> made_;
};

}  // namespace postern::storage
