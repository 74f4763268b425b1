from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("listen", "0003_forms"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="response",
            index=models.Index(
                condition=models.Q(("sheet", ""), _negated=True), fields=["sheet"], name="response_sheet"
            ),
        ),
    ]
