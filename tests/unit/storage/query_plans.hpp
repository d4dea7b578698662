#pragma once

#include "tests/unit/storage/store_fixture.hpp"

#include <string>
#include <vector>

namespace postern::storage {

// Passes everything on, and remembers the texts of what was asked.
class ListeningConnection final : public Connection {
 public:
    explicit ListeningConnection(Connection& inner) : inner_{inner} {}
    Statement& statement(const Sql& sql) override {
        texts.emplace_back(sql.text());
        return inner_.statement(sql);
    }
    Statement& composed_statement(const std::string& text) override {
        texts.push_back(text);
        return inner_.composed_statement(text);
    }
    Result<void, StoreError> begin_read() override { return inner_.begin_read(); }
    void end_read() noexcept override { inner_.end_read(); }
    Writers writers() const noexcept override { return inner_.writers(); }

    std::vector<std::string> texts;

 private:
    Connection& inner_;
};

// How SQLite means to answer: each step on a line.
inline std::string plan_of(Connection& connection, const std::string& text) {
    auto query = connection.query("EXPLAIN QUERY PLAN " + text);
    std::string plan;
    for (;;) {
        const auto step = query.step();
        EXPECT_TRUE(step.has_value()) << text;
        if (!step || *step == Step::done) return plan;
        plan += std::string{query.text(3)} + "\n";
    }
}

}  // namespace postern::storage
