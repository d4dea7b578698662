#include "tests/tidy/rules.hpp"

#include <gtest/gtest.h>

// Every rule on the tree, which must keep it; snippets_test.cpp proves that each rule can fail.
namespace postern::tidy {

namespace {

using Rule = Findings (*)(const Repository&);

struct NamedRule {
    const char* name;
    Rule rule;
};

constexpr NamedRule kRules[] = {
    {"LinesAreAtMost100CharactersWide", long_lines},
    {"FilesAreAtMost600LinesLong", long_files},
    {"FunctionsAreAtMost70LinesLong", long_functions},
    {"NothingBannedIsCalled", banned_calls},
    {"CommentsPromiseNothing", unfinished_comments},
    {"NoFileNamesAMachine", machine_paths},
    {"HeadersTakeNoBoolParameters", bool_parameters},
    {"HeadersAreSelfContained", header_shape},
    {"IncludesFollowTheLayerTable", forbidden_arrows},
    {"LibrariesStayInTheirModule", foreign_headers},
    {"SourcesIncludeTheirOwnHeaderFirst", own_header_first},
    {"ModulesHaveAReadme", missing_readmes},
    {"ProvidersAreComplete", incomplete_providers},
    {"PairsHaveTests", untested_pairs},
    {"MigrationsHaveNoGaps", migration_gaps},
    {"FileNamesAreSnakeCase", file_names},
    {"NamespacesMirrorFolders", namespaces},
    {"MetricsAreListed", unlisted_metrics},
    {"RoutesStandInTheTable", stray_routes},
};

// How GoogleTest prints a parameter.
void PrintTo(const NamedRule& rule, std::ostream* out) {
    *out << rule.name;
}

// As a compiler would say it, so that an editor can jump there.
std::string listed(const Findings& findings) {
    std::string text;
    for (const Finding& finding : findings) {
        text += finding.path + ":" + std::to_string(finding.line) + ": " + finding.message + "\n";
    }
    return text;
}

class Tree : public ::testing::TestWithParam<NamedRule> {};

TEST_P(Tree, KeepsTheRule) {
    const Repository& repository = Repository::of_this_tree();
    ASSERT_GT(repository.files().size(), 50U) << "git ls-files gave next to nothing";
    const Findings findings = GetParam().rule(repository);
    EXPECT_EQ(findings.size(), 0U) << listed(findings);
}

std::string name_of(const ::testing::TestParamInfo<NamedRule>& instance) {
    return instance.param.name;
}

INSTANTIATE_TEST_SUITE_P(Rules, Tree, ::testing::ValuesIn(kRules), name_of);

}  // namespace
}  // namespace postern::tidy
