#include "tests/unit/storage/postgres_server.hpp"

#include "core/assert.hpp"
#include "storage/postgres/postgres_database.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <libpq-fe.h>

#include <cstdio>
#include <cstdlib>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace postern::storage {
namespace {

constexpr const char* kTemplate = "postern_template";
constexpr const char* kOwner = "postgres";  // PostgreSQL does not run as root

std::filesystem::path find_programs() {
    std::filesystem::path newest;
    std::error_code ignored;
    for (const auto& version :
         std::filesystem::directory_iterator{"/usr/lib/postgresql", ignored}) {
        const auto programs = version.path() / "bin";
        const bool is_whole = std::filesystem::exists(programs / "initdb", ignored)
                              && std::filesystem::exists(programs / "postgres", ignored);
        if (is_whole && programs > newest) newest = programs;
    }
    return newest;
}

// Ends with the program that started it, however that ends.
void become_server_user() {
    if (::geteuid() == 0) {
        const passwd* owner = ::getpwnam(kOwner);
        if (owner == nullptr || ::setgroups(0, nullptr) != 0 || ::setgid(owner->pw_gid) != 0
            || ::setuid(owner->pw_uid) != 0)
            ::_exit(126);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
}

pid_t spawn(const std::vector<std::string>& command, const std::filesystem::path& log) {
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t process = ::fork();
    if (process != 0) return process;
    become_server_user();
    if (std::freopen(log.c_str(), "a", stdout) == nullptr) ::_exit(126);
    ::dup2(STDOUT_FILENO, STDERR_FILENO);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
}

bool succeeds(const std::vector<std::string>& command, const std::filesystem::path& log) {
    int status = 0;
    return ::waitpid(spawn(command, log), &status, 0) > 0 && WIFEXITED(status)
           && WEXITSTATUS(status) == 0;
}

void give_to_server_user(const std::filesystem::path& folder) {
    if (::geteuid() != 0) return;
    const passwd* owner = ::getpwnam(kOwner);
    POSTERN_ASSERT(owner != nullptr);
    POSTERN_ASSERT(::chown(folder.c_str(), owner->pw_uid, owner->pw_gid) == 0);
}

}  // namespace

bool PostgresServer::is_installed() {
    static const bool installed = !find_programs().empty();
    return installed;
}

PostgresServer& PostgresServer::instance() {
    static PostgresServer server;
    return server;
}

PostgresServer::PostgresServer() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "postern-postgres-XXXXXX").string();
    POSTERN_ASSERT(::mkdtemp(pattern.data()) != nullptr);
    home_ = pattern;
    give_to_server_user(home_);
    start();
    make_template();
}

PostgresServer::~PostgresServer() {
    if (process_ > 0) {
        ::kill(process_, SIGQUIT);
        ::waitpid(process_, nullptr, 0);
    }
    std::error_code ignored;  // left behind at worst
    std::filesystem::remove_all(home_, ignored);
}

void PostgresServer::start() {
    const auto programs = find_programs();
    const auto log = home_ / "log";
    const std::string data = (home_ / "data").string();
    POSTERN_ASSERT(succeeds(
        {(programs / "initdb").string(),
         "--pgdata=" + data,
         "--username=postgres",
         "--auth=trust",
         "--encoding=UTF8",
         "--locale=C.UTF-8",
         "--no-sync"},
        log
    ));
    process_ = spawn(
        {(programs / "postgres").string(),
         "-D",
         data,
         "-k",
         home_.string(),
         "-c",
         "listen_addresses=",
         "-c",
         "fsync=off",
         "-c",
         "full_page_writes=off",
         "-c",
         "autovacuum=off",
         "-c",
         "shared_buffers=64MB",
         "-c",
         "max_connections=100"},
        log
    );
    const std::string postgres = url("postgres");
    constexpr int kTriesMax = 600;
    for (int i = 0; PQping(postgres.c_str()) != PQPING_OK; ++i) {
        POSTERN_ASSERT(i < kTriesMax);
        ::poll(nullptr, 0, 50);
    }
}

void PostgresServer::make_template() {
    run(std::string{"CREATE DATABASE "} + kTemplate);
    const FixedClock clock;
    const auto opened = open_postgres({.url = url(kTemplate)}, clock);
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
}

std::string PostgresServer::url(const std::string& database, const std::string& user) const {
    return "host=" + home_.string() + " dbname=" + database + " user=" + user;
}

std::string PostgresServer::make_database() {
    std::string name = "empty_" + std::to_string(++made_count_);
    run("CREATE DATABASE " + name);
    return name;
}

std::string PostgresServer::database_of(const std::filesystem::path& folder) {
    for (const Made& made : made_) {
        if (made.folder == folder) return made.database;
    }
    Made& made = take_left_over();
    made.folder = folder;
    return made.database;
}

PostgresServer::Made& PostgresServer::take_left_over() {
    for (Made& made : made_) {
        std::error_code ignored;
        if (std::filesystem::exists(made.folder, ignored)) continue;
        clean(made);
        return made;
    }
    const std::string name = "store_" + std::to_string(++made_count_);
    run("CREATE DATABASE " + name + " TEMPLATE " + kTemplate);
    return made_.emplace_back(Made{{}, name});
}

// To delete some rows is several times as fast as to make a database; one whose tables a test has
// changed is made anew.
void PostgresServer::clean(Made& made) {
    const char* tables =
        "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace"
        " UNION ALL SELECT string_agg(name, ' ' ORDER BY number) FROM schema_migrations";
    static const std::vector<std::string> expected = ask(kTemplate, tables);
    if (ask(made.database, tables) != expected) {
        run("DROP DATABASE " + made.database + " WITH (FORCE)");
        run("CREATE DATABASE " + made.database + " TEMPLATE " + kTemplate);
        return;
    }
    static_cast<void>(
        ask(made.database,
            "DO $$ DECLARE name text; BEGIN SET LOCAL session_replication_role = replica;"
            " FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace ="
            " 'public'::regnamespace AND relname NOT IN ('schema_migrations', 'turns') LOOP"
            " EXECUTE format('DELETE FROM %I', name); END LOOP; END $$")
    );
}

std::vector<std::string> PostgresServer::ask(const std::string& database, const std::string& sql)
    const {
    PGconn* connection = PQconnectdb(url(database).c_str());
    PGresult* result = PQexec(connection, sql.c_str());
    const auto status = PQresultStatus(result);
    EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        << sql << ": " << PQerrorMessage(connection);
    std::vector<std::string> answers;
    for (int i = 0; i < PQntuples(result); ++i) answers.emplace_back(PQgetvalue(result, i, 0));
    PQclear(result);
    PQfinish(connection);
    return answers;
}

}  // namespace postern::storage
