#include "tests/unit/storage/sent_plans.hpp"

#include "tests/unit/storage/store_fixture.hpp"

#include <sstream>

namespace postern::storage {
namespace {

// As statements are planned once for whatever values come, which is the plan that lasts. Few rows
// may be gathered first and sorted then, which costs no more and hides what this is about.
constexpr const char* kSettings =
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', false),"
    " set_config('enable_bitmapscan', 'off', false)";

// What this connection has prepared. What is asked here for the test is not meant.
constexpr const char* kExplanations =
    "SELECT 'EXPLAIN (COSTS OFF) EXECUTE ' || name || CASE WHEN cardinality(parameter_types) > 0"
    " THEN '(' || array_to_string(array_fill('NULL'::text,"
    " ARRAY[cardinality(parameter_types)]), ', ') || ')' ELSE '' END FROM pg_prepared_statements"
    " WHERE statement NOT LIKE 'SELECT set_config(%' AND statement NOT LIKE 'EXPLAIN %'"
    " AND statement NOT LIKE '%pg_prepared_statements%' ORDER BY prepare_time, name";

// They never have more rows than there are nodes.
const std::set<std::string> kSmallTables{"nodes", "leases", "turns"};

std::vector<std::string> lines_of(Connection& connection, const std::string& text) {
    auto query = connection.query(text);
    std::vector<std::string> lines;
    for (;;) {
        const auto step = query.step();
        EXPECT_TRUE(step.has_value()) << text;
        if (!step || *step == Step::done) return lines;
        lines.emplace_back(query.text(0));
    }
}

std::string word_after(const std::string& line, const std::string& mark) {
    const std::size_t at = line.find(mark);
    if (at == std::string::npos) return {};
    std::string word;
    std::istringstream{line.substr(at + mark.size())} >> word;
    return word;
}

struct Seen {
    std::set<std::string> indexes;
    std::set<std::string> sort_keys;
    std::vector<std::string> whole_scans;
};

void look_at(const std::vector<std::string>& plan, Seen& seen) {
    for (std::size_t i = 0; i < plan.size(); ++i) {
        const std::string& line = plan[i];
        const std::string key = word_after(line, "Sort Key: ");
        if (!key.empty()) seen.sort_keys.insert(key);
        if (line.find("hashed SubPlan") != std::string::npos) seen.whole_scans.push_back(line);
        const std::string index = word_after(line, "Scan using ");
        const std::string backward = word_after(line, "Scan Backward using ");
        const bool is_look = !index.empty() || !backward.empty();
        if (is_look) seen.indexes.insert(index.empty() ? backward : index);
        const bool is_bounded =
            is_look && i + 1 < plan.size() && plan[i + 1].find("Index Cond:") != std::string::npos;
        const bool is_scan = is_look || line.find("Seq Scan on ") != std::string::npos;
        if (!is_scan || is_bounded || kSmallTables.contains(word_after(line, " on "))) continue;
        seen.whole_scans.push_back(line);
    }
}

void do_once(Database& database, WriteConnection& connection, const HotWork& hot) {
    ASSERT_TRUE(connection.begin().has_value());
    Transaction transaction{{connection, database.ids(), FixedClock{}.at}};
    hot.work(transaction);
    ASSERT_TRUE(connection.commit().has_value());
}

}  // namespace

void expect_look_ups(Database& database, const HotWork& hot) {
    SCOPED_TRACE(hot.name);
    auto side = database.open_side();
    ASSERT_TRUE(side.has_value());
    WriteConnection& connection = **side;
    lines_of(connection, kSettings);
    do_once(database, connection, hot);
    Seen seen;
    std::string told;
    for (const std::string& explanation : lines_of(connection, kExplanations)) {
        const auto plan = lines_of(connection, explanation);
        look_at(plan, seen);
        for (const std::string& line : plan) told += line + "\n";
    }
    EXPECT_EQ(seen.indexes, hot.indexes) << told;
    EXPECT_EQ(seen.sort_keys, hot.sort_keys) << told;
    EXPECT_EQ(seen.whole_scans, std::vector<std::string>{}) << told;
}

}  // namespace postern::storage
