#include "tests/unit/storage/database_fake.hpp"

#include <charconv>
#include <utility>

namespace postern::storage {

LockingStatement::LockingStatement(std::string text, const std::set<std::int64_t>& held_by_others)
    : text_{std::move(text)}, held_by_others_{held_by_others} {}

void LockingStatement::bind_text(int, std::string_view value) {
    if (!text_.ends_with("SKIP LOCKED")) return;
    const char* at = value.data() + 1;
    const char* const end = value.data() + value.size() - 1;
    while (at < end) {
        std::int64_t id = 0;
        at = std::from_chars(at, end, id).ptr + 1;
        if (!held_by_others_.contains(id)) rows_.push_back(id);
    }
}

Result<Step, StoreError> LockingStatement::step() {
    if (rows_.empty()) return Step::done;
    row_ = rows_.front();
    rows_.pop_front();
    return Step::row;
}

Statement& WriteConnectionFake::composed_statement(const std::string& text) {
    const bool of_endpoints = text.find("endpoint_sequences") != std::string::npos;
    std::string call = text.ends_with("SKIP LOCKED") ? "try" : "wait for";
    call += of_endpoints ? " endpoints" : " deliveries";
    calls.push_back(std::move(call));
    return statements_.try_emplace(text, text, held_by_others).first->second;
}

Result<void, StoreError> WriteConnectionFake::commit() {
    if (commit_failures.empty()) return note("commit");
    const StoreError error = commit_failures.front();
    commit_failures.pop_front();
    static_cast<void>(note("commit fails"));
    return error;
}

Result<void, StoreError> WriteConnectionFake::note(std::string what) {
    calls.push_back(std::move(what));
    return {};
}

}  // namespace postern::storage
