#include "tests/tidy/rules.hpp"

#include <gtest/gtest.h>

// A rule that cannot fail is worth nothing: each is shown a small tree that breaks it and the same
// tree put right.
namespace postern::tidy {
namespace {

struct Text {
    std::string path;
    std::string text;
};
using Texts = std::vector<Text>;

const char* const kLayerTable =
    "set(POSTERN_LAYER_core \"\")\nset(POSTERN_LAYER_net core)\nset(POSTERN_LAYER_daemon core "
    "net)\n";

Repository repository_of(const Texts& texts) {
    std::vector<SourceFile> files{source_file("cmake/PosternModule.cmake", kLayerTable)};
    for (const Text& text : texts) files.push_back(source_file(text.path, text.text));
    return Repository{std::move(files)};
}

std::string repeated(std::size_t count, std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) result += text;
    return result;
}

std::string function_of(std::size_t lines) {
    return "Result<int, E> f(\n    int a = 1\n) {\n" + repeated(lines - 4, "    { g(); }\n")
           + "}\n";
}

const std::string kConstructor = "struct S {\n    explicit S(int a) : a_{a}, b_{a} {\n"
                                 + repeated(70, "        g();\n") + "    }\n};\n";

struct Case {
    const char* name;
    Findings (*rule)(const Repository&);
    Texts bad;
    std::size_t line;  // where the first finding must be
    Texts good;
};

const Texts kWholeProvider = {
    {"verifiers/registry.cpp", "ProviderKind{\n\"acme\", make_acme},\n"},
    {"verifiers/acme.hpp", "make_acme()"},
    {"verifiers/acme.cpp", ""},
    {"verifiers/samples/acme.cpp", ""},
    {"tests/unit/verifiers/acme_test.cpp", ""},
};
const Texts kProviderWithoutSample = {
    kWholeProvider[0],
    kWholeProvider[1],
    kWholeProvider[2],
    kWholeProvider[4]};
const Texts kProviderOutsideTheRegistry = {
    {"verifiers/registry.cpp", "ProviderKind{\"other\"}"},
    kWholeProvider[1]};

const Case kSizeCases[] = {
    {"a line of 101 characters",
     long_lines,
     {{"core/a.cpp", "\n" + repeated(101, "x")}},
     2,
     {{"core/a.cpp", repeated(100, "é")}}},
    {"a file of 601 lines",
     long_files,
     {{"core/a.cpp", repeated(601, "x\n")}},
     0,
     {{"core/a.cpp", repeated(600, "x\n")}}},
    {"a function of 71 lines",
     long_functions,
     {{"core/a.cpp", "namespace a {\n" + function_of(71) + "}\n"}},
     2,
     {{"core/a.cpp", "namespace a {\n" + function_of(70) + function_of(70) + "}\n"}}},
    {"a test of 72 lines",
     long_functions,
     {{"core/a.cpp", "TEST(A, B) {\n" + repeated(70, "g();\n") + "}\n"}},
     1,
     {{"core/a.cpp", "const Case kCases[] = {\n" + repeated(70, "{1},\n") + "};\n"}}},
    {"a long constructor that initialises with braces",
     long_functions,
     {{"core/a.cpp", kConstructor}},
     2,
     {{"core/a.cpp", "struct S {\n" + repeated(80, "    int a() const { return 1; }\n") + "};\n"}}},
};

const Case kWordCases[] = {
    {"a banned call",
     banned_calls,
     {{"core/a.cpp", "// std::regex\nauto x = std::stoi(text);"}},
     2,
     {{"core/a.cpp",
       "// std::stoi\nauto x = \"std::stoi(\"; auto y = R\"(\nvolatile)\"; my_atoi(1'0);"}}},
    {"a banned header",
     banned_calls,
     {{"core/a.cpp", "#include <iostream>"}},
     1,
     {{"core/a.cpp", "#include <istream>"}}},
    {"the clock outside its door",
     banned_calls,
     {{"net/a.cpp", "std::chrono::system_clock::now()"}},
     1,
     {{"core/time.cpp", "std::chrono::system_clock::now()"}}},
    {"a capture of everything beside co_await",
     banned_calls,
     {{"net/a.cpp", "co_await x;\n[&] {}"}},
     2,
     {{"net/a.cpp", "// co_await\n[&] {}"}}},
    {"a comment that promises",
     unfinished_comments,
     {{"core/a.cpp", "f();  // Good enough for now."}},
     1,
     {{"core/a.cpp", "f(\"for now\");  // ForNow XXXL"}}},
    {"a mark in a page",
     unfinished_comments,
     {{"docs/a.md", "\nFIXME"}},
     2,
     {{"docs/a.md", "FIXMEUP"}}},
    {"a path of one machine",
     machine_paths,
     {{"docs/a.md", std::string{"see /wor"} + "k/x"}},
     1,
     {{"docs/a.md", "see network/x"}}},
    {"a bool parameter",
     bool_parameters,
     {{"core/a.hpp", "void f(int a, bool fast);"}},
     1,
     {{"core/a.hpp", "void boolean(bool value);\nbool f(int a);\nbool member_ = false;"}}},
    {"a header without its pragma",
     header_shape,
     {{"core/a.hpp", "struct A;"}},
     1,
     {{"core/a.hpp", "#pragma once"}}},
    {"using namespace in a header",
     header_shape,
     {{"core/a.hpp", "#pragma once\nusing namespace std;"}},
     2,
     {{"core/a.hpp", "#pragma once\nusing detail::A;"}}},
};

const Case kIncludeCases[] = {
    {"an arrow that points up",
     forbidden_arrows,
     {{"core/a.cpp", "\n#include \"net/b.hpp\""}, {"net/b.hpp", ""}},
     2,
     {{"daemon/a.cpp", "#include \"net/b.hpp\""}, {"net/b.hpp", ""}}},
    {"an include of nothing",
     forbidden_arrows,
     {{"core/a.cpp", "#include \"b.hpp\""}, {"core/b.hpp", ""}},
     1,
     {{"core/a.cpp", "#include \"core/b.hpp\""}, {"core/b.hpp", ""}}},
    {"a library outside its module",
     foreign_headers,
     {{"core/a.cpp", "#include <boost/asio/post.hpp>"}},
     1,
     {{"net/a.cpp", "#include <boost/asio/post.hpp>"},
      {"tests/unit/net/a_test.cpp", "#include <gtest/gtest.h>\n#include <boost/asio/post.hpp>"}}},
    {"a second user of the JSON parser",
     foreign_headers,
     {{"core/a.cpp", "#include <simdjson.h>"}},
     1,
     {{"core/json_document.cpp", "#include <simdjson.h>"},
      {"daemon/a.cpp", "#include \"systemd/notify.hpp\""}}},
    {"a test framework in the product",
     foreign_headers,
     {{"core/a.cpp", "#include <gtest/gtest.h>"}},
     1,
     {{"tests/unit/core/a_test.cpp", "#include <gtest/gtest.h>"}}},
    {"another header before its own",
     own_header_first,
     {{"core/a.cpp", "#include <map>\n#include \"core/a.hpp\""}, {"core/a.hpp", ""}},
     1,
     {{"core/a.cpp", "#include \"core/a.hpp\""}, {"core/a.hpp", ""}, {"core/b.cpp", ""}}},
};

const Case kFurnitureCases[] = {
    {"a module without a page",
     missing_readmes,
     {{"core/a.cpp", ""}},
     0,
     {{"core/a.cpp", ""}, {"core/README.md", "# core"}, {"net/CMakeLists.txt", ""}}},
    {"a provider without a sample",
     incomplete_providers,
     kProviderWithoutSample,
     2,
     kWholeProvider},
    {"a provider that nobody lists",
     incomplete_providers,
     {kProviderOutsideTheRegistry[1], {"verifiers/registry.cpp", ""}},
     0,
     kWholeProvider},
    {"a gateway without a test",
     untested_pairs,
     {{"payments/gateways/acme.cpp", ""}, {"payments/gateways/registry.cpp", ""}},
     0,
     {{"payments/gateways/acme.cpp", ""}, {"tests/unit/payments/gateways/acme_test.cpp", ""}}},
    {"a migration that is missing",
     migration_gaps,
     {{"storage/migrations/0001_a.sql", ""}, {"storage/migrations/0003_c.sql", ""}},
     0,
     {{"storage/migrations/0001_a.sql", ""}, {"storage/migrations/0002_c.sql", ""}}},
    {"a migration number twice",
     migration_gaps,
     {{"storage/migrations/0001_a.sql", ""}, {"storage/migrations/0001_b.sql", ""}},
     0,
     {{"storage/migrations/0001_a.sql", ""}}},
    {"a file name in another case",
     file_names,
     {{"core/FanOut.cpp", ""}},
     0,
     {{"core/fan_out.cpp", ""}, {"cmake/PosternModule.cmake", kLayerTable}}},
    {"a namespace of another module",
     namespaces,
     {{"net/a.cpp", "namespace postern::daemon {"}},
     0,
     {{"net/a.cpp", "namespace x {\nnamespace postern::net {"},
      {"core/a.cpp", "namespace postern {"}}},
    {"a metric that no page lists",
     unlisted_metrics,
     {{"core/a.cpp", "\nf(\"postern_lost_total\");"}, {"docs/METRICS.md", "postern_lost"}},
     2,
     {{"core/a.cpp", "f(\"postern_lost_total\");"}, {"docs/METRICS.md", "`postern_lost_total`"}}},
    {"a route outside the table",
     stray_routes,
     {{"daemon/routes.cpp", ""}, {"daemon/a.cpp", "f(\"/api/v2/events/{id}\");"}},
     1,
     {{"daemon/routes.cpp", "f(\"/api/v2/events/{id}\");"}, {"daemon/a.cpp", "f(\"/api/v2\");"}}},
};

void expect_each_to_be_found(const Case* begin, const Case* end) {
    for (const Case* test_case = begin; test_case != end; ++test_case) {
        SCOPED_TRACE(test_case->name);
        const Findings found = test_case->rule(repository_of(test_case->bad));
        ASSERT_FALSE(found.empty());
        EXPECT_EQ(found.front().line, test_case->line);
        const Findings wrong = test_case->rule(repository_of(test_case->good));
        EXPECT_TRUE(wrong.empty()) << wrong.front().path << ": " << wrong.front().message;
    }
}

TEST(Snippets, AreFoundTooLong) {
    expect_each_to_be_found(std::begin(kSizeCases), std::end(kSizeCases));
}

TEST(Snippets, AreFoundToSayWhatIsBanned) {
    expect_each_to_be_found(std::begin(kWordCases), std::end(kWordCases));
}

TEST(Snippets, AreFoundToIncludeWhatTheyMayNot) {
    expect_each_to_be_found(std::begin(kIncludeCases), std::end(kIncludeCases));
}

TEST(Snippets, AreFoundToLackFurniture) {
    expect_each_to_be_found(std::begin(kFurnitureCases), std::end(kFurnitureCases));
}

}  // namespace
}  // namespace postern::tidy
